//! A step: everything that one run of a job leaves behind, recorded in one transaction or not at all.

use std::sync::Arc;

use jiff::Timestamp;

use super::database::{JOBS, Tx, values};
use super::job::{Added, JobRow, LeaseKey, NewJob, Subject};
use super::{CommandId, CommandRecord, JobKind, LeasedJob, NewCommand, OutgoingId, Store, StoreError};
use super::{LimitedAnswer, LimitedResult, NewButton, NewMessage};
use super::{answer_limit, audit, button, command, delivery, job, lock, message, plan};
use crate::domain::audit::AuditEntry;
use crate::domain::{ChangeTarget, MessageId, Outcome, PersonId};
use crate::plan::{Plan, PlanTransition, RefHash};

/// The state in which a run leaves its job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum End {
    /// It is done.
    #[default]
    Done,
    /// It continues under the same lease; the step only records its progress.
    Continues,
    /// It made progress and is to be run again.
    Again {
        /// The earliest time.
        at: Timestamp,
        /// The reason, for the operator.
        note: String,
    },
    /// It made no progress and is to be tried again.
    Failed {
        /// The earliest time.
        at: Timestamp,
        /// The reason, for the operator.
        note: String,
    },
    /// It was given up.
    Parked {
        /// The reason, for the operator.
        note: String,
    },
}

/// Everything that one run of a job leaves behind.
#[derive(Debug, Default)]
#[must_use = "a step has no effect until it is recorded"]
pub struct Step {
    at: Timestamp,
    end: End,
    accepted: Option<NewCommand>,
    progress: Option<(CommandId, String)>,
    ended: Option<(CommandId, Option<Outcome>)>,
    messages: Vec<NewMessage>,
    limited: Option<Box<LimitedAnswer>>,
    found: Vec<MessageId>,
    passed_over: Vec<MessageId>,
    posted: Option<(OutgoingId, MessageId)>,
    maybe_posted: Option<OutgoingId>,
    jobs: Vec<NewJob>,
    audit: Vec<AuditEntry>,
    locks: Option<Box<(ChangeTarget, CommandId)>>,
    settled: Option<CommandId>,
    proposed: Option<Box<Plan>>,
    moved: Option<PlanTransition>,
    buttons: Vec<NewButton>,
    used: Option<Box<(RefHash, PersonId)>>,
}

impl Step {
    /// A step at this time that leaves the job in this state.
    pub fn new(at: Timestamp, end: End) -> Self {
        Self { at, end, ..Self::default() }
    }

    /// Accepts a command, and adds the job that carries it out.
    pub fn accept(mut self, command: NewCommand) -> Self {
        self.accepted = Some(command);
        self
    }

    /// Records the progress of a command.
    pub fn progress(mut self, command: &CommandId, progress: String) -> Self {
        self.progress = Some((command.clone(), progress));
        self
    }

    /// Ends a command, a deletion with its outcome.
    pub fn ended(mut self, command: &CommandId, outcome: Option<Outcome>) -> Self {
        self.ended = Some((command.clone(), outcome));
        self.settled(command)
    }

    /// Releases the devices, workspaces and persons that a command has locked: its changes so far are settled.
    pub fn settled(mut self, command: &CommandId) -> Self {
        self.settled = Some(command.clone());
        self
    }

    /// Adds a message, and the job that posts it.
    pub fn post(mut self, message: NewMessage) -> Self {
        self.messages.push(message);
        self
    }

    /// Adds an answer, and the job that posts it, unless its limit withholds it.
    pub fn post_limited(mut self, answer: LimitedAnswer) -> Self {
        self.limited = Some(Box::new(answer));
        self
    }

    /// Adds jobs to answer those of these messages that were never delivered.
    pub fn found(mut self, messages: Vec<MessageId>) -> Self {
        self.found = messages;
        self
    }

    /// Records these messages, which were never delivered, without a job to answer them.
    pub fn passed_over(mut self, messages: Vec<MessageId>) -> Self {
        self.passed_over = messages;
        self
    }

    /// Records that a message may have been posted: the answer was lost.
    pub fn maybe_posted(mut self, message: &OutgoingId) -> Self {
        self.maybe_posted = Some(message.clone());
        self
    }

    /// Records that a message was posted.
    pub fn posted(mut self, message: &OutgoingId, as_message: MessageId) -> Self {
        self.posted = Some((message.clone(), as_message));
        self
    }

    /// Adds a plan. If its code is taken, the step fails with [`StoreError::CodeTaken`].
    pub fn propose(mut self, plan: Plan) -> Self {
        self.proposed = Some(Box::new(plan));
        self
    }

    /// Moves a plan. If it is no longer in the state that the transition starts from, the step fails with
    /// [`StoreError::PlanMoved`].
    pub fn move_plan(mut self, transition: PlanTransition) -> Self {
        self.moved = Some(transition);
        self
    }

    /// Adds the buttons of a card that this step posts.
    pub fn buttons(mut self, buttons: impl IntoIterator<Item = NewButton>) -> Self {
        self.buttons.extend(buttons);
        self
    }

    /// Uses up a button, pressed by this person. If it was used before, the step fails with
    /// [`StoreError::ButtonUsed`].
    pub fn use_button(mut self, button: &RefHash, by: &PersonId) -> Self {
        self.used = Some(Box::new((button.clone(), by.clone())));
        self
    }

    /// Adds a job.
    pub fn then(mut self, job: NewJob) -> Self {
        self.jobs.push(job);
        self
    }

    /// Locks a device, workspace or person for the changes of a command, until the command has ended or its job has no
    /// lease. If another command holds it, the step fails with [`StoreError::TargetLocked`].
    pub fn lock(mut self, target: ChangeTarget, command: &CommandId) -> Self {
        self.locks = Some(Box::new((target, command.clone())));
        self
    }

    /// Adds an audit entry. The intent to change a device also locks the device, see [`Step::lock`].
    pub fn audit(mut self, entry: AuditEntry) -> Self {
        if let (Some(target), Some(command)) = (entry.event.locks(), &entry.command_id) {
            self = self.lock(target, &CommandId::from_stored(command));
        }
        self.audit.push(entry);
        self
    }

    /// The name of the last audit entry.
    pub(crate) fn last_event(&self) -> Option<&'static str> {
        self.audit.last().map(|entry| entry.event.name())
    }

    /// Whether this step may leave a waiting job: its own, or a follow-up job that is not leased at once.
    fn leaves_waiting(&self) -> bool {
        let at_once =
            usize::from(self.accepted.is_some()) + self.messages.len() + usize::from(self.limited.is_some());
        matches!(self.end, End::Again { .. } | End::Failed { .. })
            || at_once > usize::from(self.is_over())
            || !self.jobs.is_empty()
            || !self.found.is_empty()
    }

    /// Whether the job gives up its slot.
    fn is_over(&self) -> bool {
        matches!(self.end, End::Done | End::Parked { .. })
    }
}

impl Store {
    /// Records a step: all of it, or nothing if the lease was lost or a condition of the step no longer holds. If the
    /// job is over and a follow-up job is due at once, that job is leased to the caller and returned.
    pub async fn record(&self, job: &LeasedJob, step: Step) -> Result<Option<LeasedJob>, StoreError> {
        Ok(self.commit(job, step).await?.successor)
    }

    /// As [`record`](Self::record), and also tells what became of a limited answer.
    pub(crate) async fn commit(&self, job: &LeasedJob, step: Step) -> Result<CommittedStep, StoreError> {
        let leaves_waiting = step.leaves_waiting();
        let record = Arc::new(Record { lease: job.key(), arrived_at: job.arrived_at, step });
        let committed = self
            .database
            .write(move |tx| {
                let record = record.clone();
                Box::pin(async move { record.write(tx).await })
            })
            .await?;
        if leaves_waiting {
            self.left_waiting.notify_one();
        }
        Ok(committed)
    }

    /// Adds a message that no job has caused, and the job that posts it; false if the message already exists.
    pub async fn post(&self, new: NewMessage) -> Result<bool, StoreError> {
        let new = Arc::new(new);
        self.database
            .write(move |tx| {
                let new = new.clone();
                Box::pin(async move {
                    if !message::insert(tx, &new).await? {
                        return Ok(false);
                    }
                    let subject = new.id.as_str().to_owned();
                    let post = NewJob { kind: JobKind::Message, subject, due_at: new.at };
                    job::insert(tx, &post, new.at).await?;
                    tx.notify(JOBS).await?;
                    Ok(true)
                })
            })
            .await
    }
}

/// The result of a step that is on the disk.
#[derive(Debug)]
pub struct CommittedStep {
    /// The next job, leased to the same process.
    pub successor: Option<LeasedJob>,
    /// What became of its limited answer, if it had one.
    pub limited: Option<LimitedResult>,
}

/// A step with the lease that it is recorded under.
struct Record {
    lease: LeaseKey,
    arrived_at: Timestamp,
    step: Step,
}

impl Record {
    async fn write(&self, tx: &mut Tx) -> Result<CommittedStep, StoreError> {
        let step = &self.step;
        self.must_hold(tx).await?;
        if let Some((target, command)) = step.locks.as_deref() {
            // The lock is the first change, so that a step that does not get it has changed nothing.
            job::must_be_leased(tx, &self.lease).await?;
            lock::begin_change(tx, target, command, step.at, job::lease_end(step.at)).await?;
        }
        self.end_job(tx).await?;
        if let Some((button, by)) = step.used.as_deref() {
            button::use_up(tx, button, by, step.at).await?;
        }
        if let Some(transition) = &step.moved {
            plan::move_on(tx, transition, step.at).await?;
        }
        if let Some(proposed) = &step.proposed {
            plan::insert(tx, proposed).await?;
        }
        let accepted = match &step.accepted {
            Some(new) => command::insert(tx, new).await?.then_some(new),
            None => None,
        };
        // A command that existed before has its own audit entries.
        let is_news = step.accepted.is_none() || accepted.is_some();
        match (&step.progress, &step.ended) {
            (progress, Some((id, outcome))) => {
                let progress = progress.as_ref().map(|(_, progress)| progress.as_str());
                command::set_ended(tx, id, outcome.as_ref(), progress, step.at).await?;
            }
            (Some((id, progress)), None) => command::set_progress(tx, id, progress).await?,
            (None, None) => {}
        }
        if let Some(id) = &step.settled {
            lock::end_changes(tx, id).await?;
        }
        if let Some((id, posted)) = &step.posted {
            message::set_posted(tx, id, posted, step.at).await?;
        }
        if let Some(id) = &step.maybe_posted {
            message::count_unclear_post(tx, id).await?;
        }
        for entry in step.audit.iter().filter(|_| is_news) {
            audit::append(tx, entry).await?;
        }
        let (limited, limit) = self.limited_answer(tx).await?;
        let successor = self.add_follow_ups(tx, accepted, limited).await?;
        Ok(CommittedStep { successor, limited: limit })
    }

    /// The limited answer if it is to be posted, and what became of it.
    async fn limited_answer(
        &self,
        tx: &mut Tx,
    ) -> Result<(Option<&NewMessage>, Option<LimitedResult>), StoreError> {
        let Some(answer) = self.step.limited.as_deref() else { return Ok((None, None)) };
        let message = answer_limit::allowed(tx, answer, self.step.at).await?;
        let is_withheld = message.is_none();
        Ok((message, answer.limit.map(|limit| LimitedResult { limit, is_withheld })))
    }

    /// Adds the follow-up jobs of this step. The first one that is due at once is leased to the same owner. The jobs
    /// inherit the delivery's time of arrival, so that deliveries are finished in the order of arrival.
    async fn add_follow_ups(
        &self,
        tx: &mut Tx,
        accepted: Option<&NewCommand>,
        limited: Option<&NewMessage>,
    ) -> Result<Option<LeasedJob>, StoreError> {
        let (mut leased, mut are_waiting) = (None, false);
        for (kind, id, loaded) in self.due_at_once(tx, accepted, limited).await? {
            let may_lease = leased.is_none() && self.step.is_over();
            let new = JobRow {
                kind,
                subject: id,
                body: None,
                due_at: if may_lease { self.step.at } else { self.arrived_at },
                arrived_at: self.arrived_at,
                lease_to: may_lease.then_some(&self.lease.owner),
            };
            match job::add(tx, &new).await? {
                Added::Leased(job) => leased = Some(job.with(loaded)),
                Added::Waiting => are_waiting = true,
                Added::Existing => {}
            }
        }
        for new in &self.step.buttons {
            button::insert(tx, new).await?;
        }
        for later in &self.step.jobs {
            job::insert(tx, later, self.arrived_at).await?;
        }
        for message in &self.step.found {
            delivery::insert_found(tx, message, true, self.step.at).await?;
        }
        for message in &self.step.passed_over {
            delivery::insert_found(tx, message, false, self.step.at).await?;
        }
        if are_waiting || !self.step.jobs.is_empty() || !self.step.found.is_empty() {
            tx.notify(JOBS).await?;
        }
        Ok(leased)
    }

    /// The jobs of the accepted command and of the messages, except for those that existed before: their jobs were added
    /// with them.
    async fn due_at_once<'a>(
        &'a self,
        tx: &mut Tx,
        accepted: Option<&'a NewCommand>,
        limited: Option<&'a NewMessage>,
    ) -> Result<Vec<(JobKind, &'a str, Subject)>, StoreError> {
        let step = &self.step;
        let mut due = Vec::new();
        if let Some(new) = accepted {
            let record = CommandRecord { accepted: new.clone(), progress: None, outcome: None };
            due.push((JobKind::Command, new.id.as_str(), Subject::Command(Arc::new(record))));
        }
        for new in step.messages.iter().chain(limited) {
            if message::insert(tx, new).await? {
                due.push((JobKind::Message, new.id.as_str(), Subject::Message(Arc::new(new.into()))));
            }
        }
        Ok(due)
    }

    /// Checks the conditions of the step before it changes anything, always in the same order so that no two steps
    /// deadlock.
    async fn must_hold(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let step = &self.step;
        if let Some((button, _)) = step.used.as_deref() {
            button::must_be_unused(tx, button).await?;
        }
        if let Some(transition) = &step.moved {
            plan::must_be_at_start(tx, transition).await?;
        }
        if let Some(proposed) = &step.proposed {
            plan::must_be_free(tx, proposed.code).await?;
        }
        Ok(())
    }

    /// Fenced on (job, owner, attempt): an owner that lost the lease changes nothing. Only a lock comes before, and that
    /// checks the lease itself: so nothing has been changed when this fails.
    async fn end_job(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let at = self.step.at;
        let (state, due_at, ended_at, note) = match &self.step.end {
            End::Continues => ("running", None, None, None),
            End::Done => ("done", None, Some(at), None),
            End::Again { at, note } | End::Failed { at, note } => {
                ("waiting", Some(*at), None, Some(note.as_str()))
            }
            End::Parked { note } => ("parked", None, Some(at), Some(note.as_str())),
        };
        // A lock alone is no progress: it leaves the count of failures as it is.
        let failed: i64 = match &self.step.end {
            End::Failed { .. } => 1,
            End::Continues if self.step.progress.is_none() => 2,
            _ => 0,
        };
        let changed = tx
            .execute(
                "UPDATE jobs SET state = $1, due_at = coalesce($2, due_at), ended_at = $3, note = $4,
                                 failures = CASE $8 WHEN 0 THEN 0 WHEN 1 THEN failures + 1 ELSE failures END
                  WHERE id = $5 AND owner = $6 AND attempt = $7 AND state = 'running'",
                values![
                    state,
                    due_at,
                    ended_at,
                    note,
                    self.lease.id,
                    self.lease.owner.as_str(),
                    self.lease.attempt,
                    failed
                ],
            )
            .await?;
        match changed {
            1 => Ok(()),
            _ => Err(StoreError::LeaseLost { job: self.lease.id }),
        }
    }
}
