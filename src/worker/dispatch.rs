//! Hands each job to its handler, and records the result.

use std::pin::Pin;

use super::{delete_message, post_message};
use crate::cards::Notice;
use crate::commands::context::CommandContext;
use crate::commands::failure::Failure;
use crate::commands::reply::{AfterCommit, Answer, Decided, JobOutcome};
use crate::commands::services::Services;
use crate::commands::{
    activate, add_device, delete_device, list_devices, plan, retry, show_device, tag_device, tag_devices,
};
use crate::grammar::Command;
use crate::intake;
use crate::plan::PlanDecision;
use crate::store::{AnswerLimit, CommittedStep, End, JobKind, LeasedJob, LimitedResult, Step, StoreError};

/// How often a job runs in a row if a concurrent change is committed first each time.
const TRIES: usize = 5;

type HandlerFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Runs one job and records the result. Returns its successor if this process leases it. After an error nothing was
/// recorded.
pub(super) async fn run(services: &Services, job: &LeasedJob) -> Result<Option<LeasedJob>, StoreError> {
    let mut tries = 0;
    loop {
        tries += 1;
        let JobOutcome { step, after_commit } = handle(services, job).await?;
        match services.store.commit(job, step).await {
            Ok(CommittedStep { successor, limited }) => {
                if let Some(after_commit) = after_commit {
                    run_after_commit(services, job, after_commit);
                }
                if let Some(limited) = limited {
                    count_limited_answer(services, job, limited);
                }
                return Ok(successor);
            }
            Err(error) if error.is_conflict() && tries < TRIES => {}
            // The next run draws another plan code.
            Err(error @ StoreError::CodeTaken { .. }) => {
                let now = services.clock.now();
                let end = End::Again { at: now, note: error.to_string() };
                return services.store.record(job, Step::new(now, end)).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// The handler of each kind of job. Boxed, so that a running job takes the memory of its own handler and not that of
/// the largest one.
fn handle<'a>(
    services: &'a Services,
    job: &'a LeasedJob,
) -> HandlerFuture<'a, Result<JobOutcome, StoreError>> {
    match job.kind {
        JobKind::Delivery => Box::pin(intake::handle_delivery(services, job)),
        JobKind::FoundMessage => Box::pin(intake::handle_found_message(services, job)),
        JobKind::CatchUp => Box::pin(intake::catch_up::run(services, job)),
        JobKind::Command => Box::pin(handle_command(services, job)),
        JobKind::FollowUp => Box::pin(delete_device::recheck::run(services, job)),
        JobKind::Message => Box::pin(post_message::run(services, job)),
        JobKind::Retract => Box::pin(delete_message::run(services, job)),
    }
}

/// Runs a command. A command that failed too often still ends with a card, instead of silently becoming a parked job.
async fn handle_command(services: &Services, job: &LeasedJob) -> Result<JobOutcome, StoreError> {
    let record = services.store.command_of(job).await?;
    if record.outcome.is_some() {
        return Ok(Step::new(services.clock.now(), End::Done).into());
    }
    let ctx = &CommandContext { services, job, record: &record };
    let ended = match still_locked(ctx).await? {
        Some(locked) => Err(locked),
        None if retry::is_given_up(job) => give_up(ctx).await,
        None => run_command(ctx).await,
    };
    if let Err(Failure::Locked { target: Some(target), .. }) = &ended {
        services.lock_waits.note(&record.accepted.id, target);
    }
    match ended {
        Ok(answer) => answer.into_job_outcome(ctx).await,
        Err(failure) => failure.into_job_outcome(ctx).await,
    }
}

/// The failure of a command that waits for another one which is still changing the same device, workspace or person.
async fn still_locked(ctx: &CommandContext<'_>) -> Result<Option<Failure>, StoreError> {
    let id = &ctx.record.accepted.id;
    let Some(target) = ctx.services.lock_waits.take(id) else { return Ok(None) };
    let holder = ctx.services.store.command_changing(&target, ctx.now()).await?;
    let holder = holder.filter(|holder| holder != id);
    Ok(holder.map(|holder| Failure::Locked { target: Some(target), holder: Some(holder) }))
}

/// The handler of each command.
fn run_command<'a>(ctx: &'a CommandContext<'a>) -> HandlerFuture<'a, Result<Answer, Failure>> {
    match &ctx.record.accepted.command {
        Command::DeleteDevice { device, reason, org } => {
            let (reason, org) = (reason.as_ref(), org.as_ref());
            Box::pin(delete_device::run(ctx, delete_device::DeleteDevice { device, reason, org }))
        }
        Command::ShowDevice { device, org } => Box::pin(show_device::run(ctx, device, org.as_ref())),
        Command::ListDevices { filter, sort, csv, page, org } => {
            let (page, org) = (page.unwrap_or(1), org.as_ref());
            let asked = list_devices::ListDevices { filter, sort: *sort, csv: *csv, page, org };
            Box::pin(list_devices::run(ctx, asked))
        }
        Command::TagDevice { device, change, org } => {
            Box::pin(tag_device::run(ctx, device, change, org.as_ref()))
        }
        Command::TagDevices { filter, change, org } => {
            Box::pin(tag_devices::run(ctx, filter, change, org.as_ref()))
        }
        Command::Activate { place, model, org } => {
            Box::pin(activate::run(ctx, place, model.as_ref(), org.as_ref()))
        }
        Command::AddDevice { mac, model, place, org } => {
            let new = add_device::AddDevice { mac: *mac, model, place, org: org.as_ref() };
            Box::pin(add_device::run(ctx, new))
        }
        Command::Confirm { code } => Box::pin(plan::decide::run(ctx, PlanDecision::Confirm, *code)),
        Command::Cancel { code } => Box::pin(plan::decide::run(ctx, PlanDecision::Cancel, *code)),
        // Intake answers these at once, so they never become a job.
        Command::Help { .. } | Command::About | Command::WhoAmI => {
            Box::pin(std::future::ready(Ok(Answer::without_card(ctx))))
        }
    }
}

/// Ends a command that failed too often. If a change has begun, its card reports what is known.
async fn give_up(ctx: &CommandContext<'_>) -> Result<Answer, Failure> {
    match &ctx.record.accepted.command {
        Command::DeleteDevice { device, reason, org } => {
            let (reason, org) = (reason.as_ref(), org.as_ref());
            delete_device::give_up(ctx, delete_device::DeleteDevice { device, reason, org }).await
        }
        Command::TagDevice { change, .. } => tag_device::give_up(ctx, change),
        Command::TagDevices { .. } => tag_devices::give_up(ctx).await,
        Command::Activate { .. } => activate::give_up(ctx),
        Command::AddDevice { mac, model, place, org } => {
            let new = add_device::AddDevice { mac: *mac, model, place, org: org.as_ref() };
            add_device::give_up(ctx, new)
        }
        _ => Ok(Answer::of(ctx, &Notice::given_up())),
    }
}

/// Does the work that must wait for the commit, such as the log line of each decision and of each end.
fn run_after_commit(services: &Services, job: &LeasedJob, after_commit: AfterCommit) {
    let ms = services.clock.now().duration_since(job.arrived_at).as_millis();
    let ms = u64::try_from(ms).unwrap_or_default();
    match after_commit {
        AfterCommit::Decided(decided) => {
            let Decided { command, decision, person, space, message, command_id } = *decided;
            services.metrics.command(command, decision);
            tracing::info!(
                delivery = job.subject,
                message_id = message.as_str(),
                person = person.as_str(),
                space = space.as_str(),
                command_id = command_id.as_str(),
                command,
                decision,
                ms,
                "decided"
            );
        }
        AfterCommit::CommandEnded(ended) => {
            if let Some(kind) = ended.deletion.filter(|_| job.kind == JobKind::Command) {
                services.metrics.deletion(kind);
            }
            tracing::info!(
                message_id = ended.message.as_str(),
                person = ended.person.as_str(),
                space = ended.space.as_str(),
                command_id = ended.command_id.as_str(),
                command = ended.command,
                outcome = ended.outcome,
                status = ended.status,
                tracking_id = ended.tracking_id,
                ms,
                "{}",
                if job.kind == JobKind::FollowUp { "deletion rechecked" } else { "command ended" }
            );
        }
        AfterCommit::StrangerIgnored => services.metrics.limited_answer(AnswerLimit::Stranger.as_str(), true),
    }
}

fn count_limited_answer(services: &Services, job: &LeasedJob, limited: LimitedResult) {
    let limit = limited.limit.as_str();
    services.metrics.limited_answer(limit, limited.is_withheld);
    if limited.is_withheld {
        tracing::info!(limit, subject = job.subject, "answer withheld: this person had too many");
    }
}
