//! A step: everything that one run of a job leaves behind, in one transaction, or nothing of it.

use std::sync::Arc;

use jiff::Timestamp;

use super::database::{Tx, values};
use super::job::{Added, Addition, JobKey, NewJob, Subject};
use super::message::NewMessage;
use super::{CommandId, CommandRecord, JobKind, LeasedJob, NewCommand, OutgoingId, Store, StoreError};
use super::{NewButton, audit, button, command, found, hint, job, message, millis, plan};
use crate::domain::audit::Entry;
use crate::domain::{MessageId, Outcome, PersonId};
use crate::plan::{Plan, RefHash, Transition};

/// How the job itself goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It is done.
    Done,
    /// It goes on under the same lease; this only writes down how far it got.
    Continues,
    /// It got further and is to be run again.
    Again {
        /// Not before.
        at: Timestamp,
        /// Why, for the operator.
        note: String,
    },
    /// It did not get further and is to be tried again.
    Failed {
        /// Not before.
        at: Timestamp,
        /// Why, for the operator.
        note: String,
    },
    /// It was given up.
    Parked {
        /// Why, for the operator.
        note: String,
    },
}

/// What one run of a job leaves behind.
#[derive(Debug)]
pub struct Step {
    at: Timestamp,
    end: End,
    accepted: Option<NewCommand>,
    progress: Option<(CommandId, String)>,
    ended: Option<(CommandId, Option<Outcome>)>,
    messages: Vec<NewMessage>,
    hint: Option<(PersonId, NewMessage)>,
    found: Vec<MessageId>,
    posted: Option<(OutgoingId, MessageId)>,
    maybe_posted: Option<OutgoingId>,
    jobs: Vec<NewJob>,
    audit: Vec<Entry>,
    proposed: Option<Box<Plan>>,
    moved: Option<Transition>,
    buttons: Vec<NewButton>,
    used: Option<Box<(RefHash, PersonId)>>,
}

impl Step {
    /// A step at this moment, after which the job goes on like this.
    #[must_use]
    pub fn new(at: Timestamp, end: End) -> Self {
        Self {
            at,
            end,
            accepted: None,
            progress: None,
            ended: None,
            messages: Vec::new(),
            hint: None,
            found: Vec::new(),
            posted: None,
            maybe_posted: None,
            jobs: Vec::new(),
            audit: Vec::new(),
            proposed: None,
            moved: None,
            buttons: Vec::new(),
            used: None,
        }
    }

    /// A command was accepted; the job that carries it out is added with it.
    #[must_use]
    pub fn accept(mut self, command: NewCommand) -> Self {
        self.accepted = Some(command);
        self
    }

    /// A command got this far.
    #[must_use]
    pub fn progress(mut self, command: &CommandId, progress: String) -> Self {
        self.progress = Some((command.clone(), progress));
        self
    }

    /// A command has ended, a deletion with its outcome.
    #[must_use]
    pub fn ended(mut self, command: &CommandId, outcome: Option<Outcome>) -> Self {
        self.ended = Some((command.clone(), outcome));
        self
    }

    /// A message is to be posted; the job that posts it is added with it.
    #[must_use]
    pub fn post(mut self, message: NewMessage) -> Self {
        self.messages.push(message);
        self
    }

    /// A message is to be posted unless this person was given such a hint within the last minute.
    #[must_use]
    pub fn hint(mut self, person: &PersonId, message: NewMessage) -> Self {
        self.hint = Some((person.clone(), message));
        self
    }

    /// These messages were said and perhaps not delivered: those that are not known are to be answered.
    #[must_use]
    pub fn found(mut self, messages: Vec<MessageId>) -> Self {
        self.found = messages;
        self
    }

    /// A message may have been posted: the answer was lost.
    #[must_use]
    pub fn maybe_posted(mut self, message: &OutgoingId) -> Self {
        self.maybe_posted = Some(message.clone());
        self
    }

    /// A message was posted.
    #[must_use]
    pub fn posted(mut self, message: &OutgoingId, as_message: MessageId) -> Self {
        self.posted = Some((message.clone(), as_message));
        self
    }

    /// This plan is shown from now on. Where its code is taken nothing of the step is kept, and it is
    /// [`StoreError::CodeTaken`].
    #[must_use]
    pub fn propose(mut self, plan: Plan) -> Self {
        self.proposed = Some(Box::new(plan));
        self
    }

    /// A plan goes on. Where it is no longer where that starts nothing of the step is kept, and it is
    /// [`StoreError::PlanMoved`].
    #[must_use]
    pub fn move_plan(mut self, transition: Transition) -> Self {
        self.moved = Some(transition);
        self
    }

    /// These are the buttons of a card that this step posts.
    #[must_use]
    pub fn buttons(mut self, buttons: impl IntoIterator<Item = NewButton>) -> Self {
        self.buttons.extend(buttons);
        self
    }

    /// This person's press of a button counts. Where one did before nothing of the step is kept, and it is
    /// [`StoreError::ButtonUsed`].
    #[must_use]
    pub fn use_button(mut self, button: &RefHash, by: &PersonId) -> Self {
        self.used = Some(Box::new((button.clone(), by.clone())));
        self
    }

    /// A job is to be done.
    #[must_use]
    pub fn then(mut self, job: NewJob) -> Self {
        self.jobs.push(job);
        self
    }

    /// This happened.
    #[must_use]
    pub fn audit(mut self, entry: Entry) -> Self {
        self.audit.push(entry);
        self
    }

    /// Whether a job may wait after this step: itself, or one that follows and is not gone on with at once.
    fn leaves_waiting(&self) -> bool {
        let at_once =
            usize::from(self.accepted.is_some()) + self.messages.len() + usize::from(self.hint.is_some());
        matches!(self.end, End::Again { .. } | End::Failed { .. })
            || at_once > usize::from(self.is_over())
            || !self.jobs.is_empty()
            || !self.found.is_empty()
    }

    /// Whether the job leaves its place to another.
    fn is_over(&self) -> bool {
        matches!(self.end, End::Done | End::Parked { .. })
    }
}

impl Store {
    /// Records what a run of a job leaves behind: all of it, or nothing where the lease was lost or the step no longer
    /// holds. When the job is over and another follows from it that is due at once, that one is the caller's now.
    pub async fn record(&self, claimed: &LeasedJob, step: Step) -> Result<Option<LeasedJob>, StoreError> {
        let leaves_waiting = step.leaves_waiting();
        let record = Arc::new(Record { job: claimed.key(), arrived_at: claimed.arrived_at, step });
        let follows = self
            .database
            .write(move |tx| {
                let record = record.clone();
                Box::pin(async move { record.write(tx).await })
            })
            .await?;
        if leaves_waiting {
            self.left_waiting.notify_one();
        }
        Ok(follows)
    }
}

/// A step with the job that it belongs to.
struct Record {
    job: JobKey,
    arrived_at: Timestamp,
    step: Step,
}

impl Record {
    async fn write(&self, tx: &mut Tx) -> Result<Option<LeasedJob>, StoreError> {
        let step = &self.step;
        self.must_hold(tx).await?;
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
        // A command that was there already has its own progress, and the audit log tells of it.
        let is_news = step.accepted.is_none() || accepted.is_some();
        match (&step.progress, &step.ended) {
            (progress, Some((id, outcome))) => {
                let progress = progress.as_ref().map(|(_, progress)| progress.as_str());
                command::set_ended(tx, id, outcome.as_ref(), progress, step.at).await?;
            }
            (Some((id, progress)), None) if is_news => command::set_progress(tx, id, progress).await?,
            (_, None) => {}
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
        self.add_follow_ups(tx, accepted).await
    }

    /// The jobs that follow from this step. The first that is due at once is taken by who did this one; what
    /// came first is finished first.
    async fn add_follow_ups(
        &self,
        tx: &mut Tx,
        accepted: Option<&NewCommand>,
    ) -> Result<Option<LeasedJob>, StoreError> {
        let (mut taken, mut are_waiting) = (None, false);
        for (kind, id, known) in self.due_at_once(tx, accepted).await? {
            let may_take = taken.is_none() && self.step.is_over();
            let new = Addition {
                kind,
                subject: id,
                body: None,
                due_at: if may_take { self.step.at } else { self.arrived_at },
                arrived_at: self.arrived_at,
                taker: may_take.then_some(&self.job.owner),
            };
            match job::add(tx, &new).await? {
                Added::Taken(claimed) => taken = Some(claimed.about(known)),
                Added::Waiting => are_waiting = true,
                Added::Already => {}
            }
        }
        for new in &self.step.buttons {
            button::insert(tx, new).await?;
        }
        for later in &self.step.jobs {
            job::insert(tx, later, self.arrived_at).await?;
        }
        for message in &self.step.found {
            found::insert(tx, message, self.step.at).await?;
        }
        if are_waiting || !self.step.jobs.is_empty() || !self.step.found.is_empty() {
            tx.notify().await?;
        }
        Ok(taken)
    }

    /// The command that was accepted now and the messages to be posted, but for those that were there already: their
    /// jobs were added with them.
    async fn due_at_once<'a>(
        &'a self,
        tx: &mut Tx,
        accepted: Option<&'a NewCommand>,
    ) -> Result<Vec<(JobKind, &'a str, Subject)>, StoreError> {
        let step = &self.step;
        let mut due = Vec::new();
        if let Some(new) = accepted {
            // Its progress is for whoever finds it after a crash; the run that follows at once has what it needs.
            let record = CommandRecord { accepted: new.clone(), progress: None, outcome: None };
            due.push((JobKind::Command, new.id.as_str(), Subject::Command(Arc::new(record))));
        }
        let mut messages: Vec<&NewMessage> = step.messages.iter().collect();
        if let Some((person, hint)) = &step.hint
            && hint::is_due(tx, person, step.at).await?
        {
            messages.push(hint);
        }
        for new in messages {
            if message::insert(tx, new).await? {
                due.push((JobKind::Message, new.id.as_str(), Subject::Message(Arc::new(new.into()))));
            }
        }
        Ok(due)
    }

    /// What the step was decided on still holds. This only looks, always in the same order, so that nothing has been
    /// changed when it fails and no two steps wait for each other.
    async fn must_hold(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let step = &self.step;
        if let Some((button, _)) = step.used.as_deref() {
            button::must_be_unused(tx, button).await?;
        }
        if let Some(transition) = &step.moved {
            plan::must_stand(tx, transition).await?;
        }
        if let Some(proposed) = &step.proposed {
            plan::must_be_free(tx, proposed.code).await?;
        }
        Ok(())
    }

    /// Fenced on (job, owner, attempt): who lost the lease changes nothing. It comes first of all changes, so that
    /// nothing has been changed when it fails.
    async fn end_job(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let at = millis(self.step.at);
        let (state, due_at, ended_at, note) = match &self.step.end {
            End::Continues => ("running", None, None, None),
            End::Done => ("done", None, Some(at), None),
            End::Again { at, note } | End::Failed { at, note } => {
                ("waiting", Some(millis(*at)), None, Some(note.as_str()))
            }
            End::Parked { note } => ("parked", None, Some(at), Some(note.as_str())),
        };
        let failed = i64::from(matches!(self.step.end, End::Failed { .. }));
        let changed = tx
            .execute(
                "UPDATE jobs SET state = $1, due_at = coalesce($2, due_at), ended_at = $3, note = $4,
                                 failures = CASE $8 WHEN 0 THEN 0 ELSE failures + 1 END
                  WHERE id = $5 AND owner = $6 AND attempt = $7 AND state = 'running'",
                values![
                    state,
                    due_at,
                    ended_at,
                    note,
                    self.job.id,
                    self.job.owner.as_str(),
                    self.job.attempt,
                    failed
                ],
            )
            .await?;
        match changed {
            1 => Ok(()),
            _ => Err(StoreError::LeaseLost { job: self.job.id }),
        }
    }
}
