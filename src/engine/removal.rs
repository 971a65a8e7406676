//! How an object comes to an end: its own protection is lifted, and the delete call repeated until the object is gone or
//! the time for it is over.

use std::time::Duration;

use super::{
    calls::{self, Failed, refusal},
    step::{Halt, Task},
};
use crate::{
    base::{Doc, Path, PhysicalId, secret},
    catalogue::Handler,
    driver::{Call, Change, Fault, FaultKind, Progress, Removal},
    state::{EntryKind, Intent, IntentAction, Object},
};

/// Why an object is not gone.
struct Unremoved {
    fault: Fault,
    /// One of the calls may have been executed.
    uncertain: bool,
    /// The service has said that the object is going: it will never be well again.
    has_begun: bool,
}

impl Task<'_> {
    /// Removes the object of this step.
    pub(super) async fn delete(&self) -> Result<(), Halt> {
        let Some(stored) = self.stored() else { return Ok(()) };
        if stored.id.is_none() {
            let message = "it is not known whether it exists; run the command again to find out";
            return Err(Halt::Failed(refusal(message, &self.object().address)));
        }
        let call = self.call("delete");
        let intent = Intent {
            action: IntentAction::Delete,
            token: call.token().clone(),
            want: serde_json::Value::Null,
            paths: Vec::new(),
            before: stored.inputs.clone(),
        };
        self.append(EntryKind::ChangeIntended { object: self.object().clone(), intent }).await?;
        self.begin();
        match self.remove(&call, &stored).await {
            Ok(()) => Ok(self.append(EntryKind::Gone { object: self.object().clone() }).await?),
            Err(Unremoved { fault, has_begun: true, .. }) => Err(self.broken(fault, true).await?),
            Err(Unremoved { fault, uncertain: true, .. }) => Err(self.broken(fault, false).await?),
            Err(Unremoved { fault, .. }) => {
                self.append(EntryKind::NotDone { object: self.object().clone() }).await?;
                Err(self.failed(fault))
            }
        }
    }

    async fn remove(&self, call: &Call, stored: &Object) -> Result<(), Unremoved> {
        let Some(id) = &stored.id else { return Ok(()) };
        let removal = Removal {
            final_snapshot: self.final_snapshot(call, stored),
            inputs: secret::without_sealed(&stored.inputs).into(),
        };
        self.lift_protection(call, id, &removal.inputs).await?;
        let (calls, within) = (self.calls(), self.timeout(Handler::Delete));
        let (start, mut pauses, mut has_begun, mut last) = (calls.clock.now(), calls::polls(), false, None);
        loop {
            let patience = self.patience(Handler::Delete);
            let answer = calls.repeat(self.about(), patience, || self.driver.delete(call, id, &removal)).await;
            let note = match answer {
                Ok(Progress::Done(())) => return Ok(()),
                Err(failed) if failed.fault.kind == FaultKind::NotFound => return Ok(()),
                Err(Failed { fault, uncertain }) => return Err(Unremoved { fault, uncertain, has_begun }),
                Ok(Progress::Pending { note, .. }) => note,
            };
            has_begun = true;
            if calls.clock.now() - start > within {
                let message = format!("not gone after {}: {note}", humantime::format_duration(within));
                let fault = Fault::new(FaultKind::NotReady, "", message);
                return Err(Unremoved { fault, uncertain: true, has_begun });
            }
            if last.as_ref() != Some(&note) {
                self.tell_waiting(&note);
                last = Some(note);
            }
            calls.clock.sleep(pauses.next().unwrap_or(Duration::from_secs(10))).await;
        }
    }

    /// Takes back what the stack itself has set so that AWS refuses the delete: the plan was allowed to delete it, or the
    /// object is of the run that is being undone.
    async fn lift_protection(&self, call: &Call, id: &PhysicalId, inputs: &Doc) -> Result<(), Unremoved> {
        let guard = self.kind.as_ref().and_then(|kind| kind.overlay.guarded_by.as_ref());
        let Some((guard, want)) = guard.and_then(|guard| Some((guard, guard.lifted(inputs)?))) else { return Ok(()) };
        let paths = vec![Path::key(&guard.property)];
        let change = Change { id: id.clone(), before: inputs.clone(), want, paths };
        let patience = self.patience(Handler::Update);
        let unremoved = |fault, uncertain| Unremoved { fault, uncertain, has_begun: false };
        match self.calls().repeat(self.about(), patience, || self.driver.update(call, &change)).await {
            Ok(Progress::Done(_)) => Ok(()),
            Ok(Progress::Pending { so_far, note }) => {
                let waited = self.wait(call, so_far, Some(note), self.timeout(Handler::Update)).await;
                waited.map(|_| ()).map_err(|fault| unremoved(fault, true))
            }
            // What is gone needs no protection.
            Err(failed) if failed.fault.kind == FaultKind::NotFound => Ok(()),
            Err(Failed { fault, uncertain }) => Err(unremoved(fault, uncertain)),
        }
    }

    /// The name of the snapshot to take first; none for what the same run has made.
    fn final_snapshot(&self, call: &Call, stored: &Object) -> Option<String> {
        let can = self.kind.as_ref().is_some_and(|kind| kind.overlay.can_snapshot);
        if !can || !stored.kept.snapshot_on_delete || self.run.is_undoing() {
            return None;
        }
        let words = format!("{}-{}", call.owner.stack, self.object().address);
        let is_plain = |c: char| c.is_ascii_alphanumeric();
        let words: Vec<&str> = words.split(|c| !is_plain(c)).filter(|word| !word.is_empty()).collect();
        let token = call.token().0.get(..8).unwrap_or_default();
        Some(format!("final-{}-{token}", words.join("-")))
    }
}
