//! The steps of the demo. Each checks that it had the result that it prints.

use anyhow::ensure;
use clap::Args;
use serde_json::Value;

use super::narrator::Narrator;
use super::sandbox::Sandbox;
use crate::cli::process::stop_signal;
use crate::sim::{Person, RequestRecord};

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// End after the last step instead of staying up.
    #[arg(long)]
    once: bool,
    /// Print without colors. The variable `NO_COLOR` does the same.
    #[arg(long)]
    no_color: bool,
    /// Number of devices in the organization.
    #[arg(long, default_value_t = 40)]
    devices: usize,
}

pub(crate) async fn run(demo: &Demo) -> anyhow::Result<()> {
    let stop = stop_signal()?;
    let narrator = Narrator::new(demo.no_color);
    let sandbox = Sandbox::start(demo.devices, &stop).await?;
    narrator.title("Steward on a simulated Webex");
    narrator.fact("simulated Webex", &sandbox.sim.api_base());
    narrator.fact("Steward", &sandbox.steward_url());
    narrator.fact("devices", &sandbox.devices().len().to_string());
    narrator.fact("admin", &format!("{} (listed in STEWARD_ADMINS)", sandbox.cast.ana.email));
    let played = play(&sandbox, &narrator).await;
    if played.is_ok() && !demo.once {
        invite(&sandbox, &narrator);
        stop.cancelled().await;
    }
    sandbox.stop().await?;
    played
}

async fn play(sandbox: &Sandbox, narrator: &Narrator) -> anyhow::Result<()> {
    let device = sandbox.room_device()?;
    let (id, name) = (text(&device, "id"), text(&device, "displayName"));
    delete(sandbox, narrator, id, name).await?;
    refuse(sandbox, narrator).await?;
    forge(sandbox, narrator).await?;
    repeat(sandbox, narrator, id).await?;
    narrator.step("The audit log of all this");
    narrator.lines(&sandbox.audit_lines().await?);
    Ok(())
}

async fn delete(sandbox: &Sandbox, narrator: &Narrator, id: &str, name: &str) -> anyhow::Result<()> {
    narrator.step("An admin deletes a device");
    let command = format!("delete device {id} because \"moved to the new office\"");
    let calls = ask(sandbox, narrator, &sandbox.cast.ana, &command).await?;
    let deletes = calls.iter().filter(|call| call.method == "DELETE").count();
    ensure!(deletes == 1, "expected one DELETE, found {deletes}");
    ensure!(sandbox.sim.device(id).is_none(), "the device was not deleted");
    narrator.result(&format!("{name} is gone: one DELETE, proven by a read, and one card in the thread."));
    Ok(())
}

async fn refuse(sandbox: &Sandbox, narrator: &Narrator) -> anyhow::Result<()> {
    narrator.step("A colleague who is not an admin tries the same");
    let device = sandbox.room_device()?;
    let command = format!("delete device {}", text(&device, "id"));
    let calls = ask(sandbox, narrator, &sandbox.cast.ben, &command).await?;
    let touches_device = calls.iter().any(|call| call.path.contains("/devices"));
    ensure!(!touches_device, "a device was read or changed for somebody who is not an admin");
    narrator.result("Refused, without even reading the device.");
    Ok(())
}

async fn forge(sandbox: &Sandbox, narrator: &Narrator) -> anyhow::Result<()> {
    narrator.step("An attacker sends a delivery with a wrong signature");
    let before = sandbox.sim.requests().len();
    let status = sandbox.deliver_forged().await?;
    narrator.received(&format!(
        "POST /webhooks/webex with one digit of the signature changed: answered {status}"
    ));
    ensure!(status == 401, "expected a wrong signature to be rejected with 401, found {status}");
    ensure!(sandbox.sim.requests().len() == before, "Steward called Webex because of a forged delivery");
    narrator.result("Rejected before anything in it was read. Nothing else happened.");
    Ok(())
}

async fn repeat(sandbox: &Sandbox, narrator: &Narrator, id: &str) -> anyhow::Result<()> {
    narrator.step("Webex delivers the first message a second time");
    let messages = || sandbox.sim.messages(&sandbox.cast.operations).len();
    let before = messages();
    let status = sandbox.redeliver_first().await?;
    sandbox.until_idle().await?;
    narrator.received(&format!("POST /webhooks/webex with the same bytes: answered {status}"));
    let is_delete = |call: &RequestRecord| call.method == "DELETE" && call.path.ends_with(id);
    let deletes = sandbox.sim.requests().iter().filter(|call| is_delete(call)).count();
    ensure!(deletes == 1, "expected no second DELETE, found {deletes} in all");
    ensure!(messages() == before, "the repeated delivery was answered with a second card");
    narrator.result("Acknowledged and recognized as a duplicate: no second DELETE, no second card.");
    Ok(())
}

/// Lets a person write a command, and shows the delivery, the calls that follow from it, and the answer. Returns the
/// calls.
async fn ask(
    sandbox: &Sandbox,
    narrator: &Narrator,
    person: &Person,
    command: &str,
) -> anyhow::Result<Vec<RequestRecord>> {
    let before = sandbox.sim.requests().len();
    narrator.message(&person.display_name, "AV Operations", &format!("@Steward {command}"));
    let message = sandbox.sim.say(person, &sandbox.cast.operations, command, None);
    let answer = sandbox.answer_to(&message).await?;
    sandbox.until_idle().await?;
    narrator.received(&sandbox.last_delivery());
    let mut calls = sandbox.sim.requests().split_off(before);
    calls.retain(|call| matches!(call.token.as_deref(), Some("bot" | "admin")));
    narrator.calls(&calls);
    narrator.card(&answer["attachments"][0]["content"]);
    Ok(calls)
}

fn invite(sandbox: &Sandbox, narrator: &Narrator) {
    let sim = sandbox.sim.address();
    let say = |command: &str| {
        format!(
            r#"curl -s http://{sim}/_sim/say -H 'content-type: application/json' -d '{{"as":"ana","text":"{command}"}}'"#
        )
    };
    let device = sandbox.room_device().unwrap_or_default();
    let space = &sandbox.cast.operations;
    narrator
        .title("Steward and the simulated Webex stay up. Try them from another terminal; Ctrl-C ends both.");
    narrator.suggest("ask for help, as Ana", &say("help"));
    narrator
        .suggest("delete another device, as Ana", &say(&format!("delete device {}", text(&device, "id"))));
    narrator.suggest(
        "read the answers in the space",
        &format!("curl -s 'http://{sim}/_sim/messages?roomId={space}'"),
    );
    narrator.suggest("list the people, spaces and devices", &format!("curl -s http://{sim}/_sim/state"));
    narrator.suggest("check that Steward is ready", &format!("curl -s {}/readyz", sandbox.steward_url()));
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}
