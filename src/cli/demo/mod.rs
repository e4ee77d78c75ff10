//! `steward demo`: the whole bot against a simulated Webex, in one process, step by step.
//!
//! Nothing is staged: the same application that `serve` runs receives real HTTP from the simulation and calls
//! it over real HTTP. What is told is read from the journal of the simulation and from the thread.

mod narrator;
mod stage;

use anyhow::ensure;
use clap::Args;
use serde_json::Value;

use super::Failure;
use crate::cli::shutdown;
use crate::sim::{Person, RequestRecord};
use narrator::Narrator;
use stage::Stage;

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// End after the play instead of staying up.
    #[arg(long)]
    once: bool,
    /// Without colors; so does the variable `NO_COLOR`.
    #[arg(long)]
    no_color: bool,
    /// How many devices the organization has.
    #[arg(long, default_value_t = 40)]
    devices: usize,
}

pub(super) async fn run(demo: &Demo) -> Result<(), Failure> {
    let stop = shutdown::on_signal()?;
    let narrator = Narrator::new(demo.no_color);
    let stage = Stage::set(demo.devices, &stop).await?;
    narrator.title("Steward on a simulated Webex");
    narrator.fact("simulated Webex", &stage.sim.api_base());
    narrator.fact("Steward", &stage.steward_url());
    narrator.fact("devices", &stage.sim.devices().len().to_string());
    narrator.fact("may delete devices", &format!("{} (STEWARD_ADMINS)", stage.cast.ana.email));
    let played = play(&stage, &narrator).await;
    if played.is_ok() && !demo.once {
        invite(&stage, &narrator);
        stop.cancelled().await;
    }
    stage.strike().await?;
    played
}

async fn play(stage: &Stage, narrator: &Narrator) -> Result<(), Failure> {
    let device = stage.a_room_device()?;
    let name = device["displayName"].as_str().unwrap_or_default();
    let id = device["id"].as_str().unwrap_or_default();
    let order = format!("delete device {id} because \"moved to the new office\"");
    delete(stage, narrator, id, name, &order).await?;
    refuse(stage, narrator).await?;
    distrust(stage, narrator).await?;
    repeat(stage, narrator, id).await?;
    narrator.audit(&stage.audit_lines().await?);
    Ok(())
}

async fn delete(
    stage: &Stage,
    narrator: &Narrator,
    id: &str,
    name: &str,
    order: &str,
) -> Result<(), Failure> {
    narrator.step("An admin deletes a device");
    let (card, calls) = say_and_wait(stage, narrator, &stage.cast.ana, order).await?;
    narrator.calls(&calls);
    narrator.card(&card);
    let deletes = calls.iter().filter(|call| call.method == "DELETE").count();
    ensure_that(deletes == 1, &format!("one DELETE was to be sent, found {deletes}"))?;
    ensure_that(stage.sim.device(id).is_none(), "the device was to be gone, and is still there")?;
    narrator.result(&format!(
        "{name} is gone from Webex: one DELETE, proved by reading, one card in the thread."
    ));
    Ok(())
}

async fn refuse(stage: &Stage, narrator: &Narrator) -> Result<(), Failure> {
    narrator.step("A colleague who is no admin tries the same");
    let device = stage.a_room_device()?;
    let order = format!("delete device {}", device["id"].as_str().unwrap_or_default());
    let (card, calls) = say_and_wait(stage, narrator, &stage.cast.ben, &order).await?;
    narrator.calls(&calls);
    narrator.card(&card);
    ensure_that(calls.iter().all(|call| !call.path.starts_with("/devices")), "no device was to be touched")?;
    narrator.result("Refused. No device was so much as read.");
    Ok(())
}

async fn distrust(stage: &Stage, narrator: &Narrator) -> Result<(), Failure> {
    narrator.step("Somebody sends a delivery with a wrong signature");
    let before = stage.sim.requests().len();
    let status = stage.deliver_forged().await?;
    narrator
        .happened(&format!("POST /webhooks/webex, one digit of the signature changed: answered {status}"));
    ensure_that(status == 401, "a wrong signature was to be refused with 401")?;
    ensure_that(stage.sim.requests().len() == before, "nothing was to happen")?;
    narrator.result("Refused before anything in it was read. Nothing happened.");
    Ok(())
}

async fn repeat(stage: &Stage, narrator: &Narrator, id: &str) -> Result<(), Failure> {
    narrator.step("Webex delivers the first message once more");
    let deletes = |stage: &Stage| {
        let to_device = |call: &RequestRecord| call.method == "DELETE" && call.path.ends_with(id);
        stage.sim.requests().iter().filter(|call| to_device(call)).count()
    };
    let messages = stage.sim.messages(&stage.cast.operations).len();
    let status = stage.deliver_first_again().await?;
    stage.until_idle().await?;
    narrator.happened(&format!("POST /webhooks/webex, the same bytes again: answered {status}"));
    ensure_that(deletes(stage) == 1, "there was to be no second DELETE")?;
    ensure_that(
        stage.sim.messages(&stage.cast.operations).len() == messages,
        "there was to be no second card",
    )?;
    narrator.result("Acknowledged, and known already: no second DELETE, no second card.");
    Ok(())
}

/// Says something as a person, and waits for the answer in the thread. What was called in between goes
/// with it.
async fn say_and_wait(
    stage: &Stage,
    narrator: &Narrator,
    person: &Person,
    order: &str,
) -> Result<(Value, Vec<RequestRecord>), Failure> {
    let before = stage.sim.requests().len();
    narrator.said(&person.display_name, "AV Operations", &format!("@Steward {order}"));
    let message = stage.sim.say(person, &stage.cast.operations, order, None);
    let answer = stage.answer_to(&message).await?;
    stage.until_idle().await?;
    narrator.happened(&stage.last_delivery());
    let calls = stage.sim.requests().split_off(before);
    let calls =
        calls.into_iter().filter(|call| matches!(call.token.as_deref(), Some("bot" | "admin"))).collect();
    Ok((answer["attachments"][0]["content"].clone(), calls))
}

fn ensure_that(holds: bool, otherwise: &str) -> Result<(), Failure> {
    let check = || {
        ensure!(holds, "{otherwise}");
        Ok(())
    };
    Ok(check()?)
}

fn invite(stage: &Stage, narrator: &Narrator) {
    let sim = stage.sim.address();
    let example = stage.a_room_device().ok();
    let id = example.as_ref().and_then(|device| device["id"].as_str()).unwrap_or_default();
    narrator.invitation(&[
        ("say something as Ana", format!(r#"curl -s http://{sim}/_sim/say -H 'content-type: application/json' -d '{{"as":"ana","text":"help"}}'"#)),
        ("delete a device as Ana", format!(r#"curl -s http://{sim}/_sim/say -H 'content-type: application/json' -d '{{"as":"ana","text":"delete device {id}"}}'"#)),
        ("read the space", format!("curl -s 'http://{sim}/_sim/messages?roomId={}'", stage.cast.operations)),
        ("see who is there", format!("curl -s http://{sim}/_sim/state")),
        ("ask Steward how it is", format!("curl -s {}/readyz", stage.steward_url())),
    ]);
}
