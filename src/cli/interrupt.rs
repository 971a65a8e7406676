//! Ctrl-C and SIGTERM. The first finishes what is in flight and brings the run to an orderly end; the second ends the
//! process at once, which the journal is made for.

use std::sync::Arc;

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    task::JoinHandle,
};

use super::{error::CommandError, exit::Exit};
use crate::engine::run::Stop;

/// Listens until it is dropped.
pub struct Interrupt {
    stop: Stop,
    asked: watch::Receiver<bool>,
    task: JoinHandle<()>,
}

impl Interrupt {
    /// From now on signals request `stop`; `tell` is called for the first one.
    ///
    /// # Errors
    /// The system refuses to listen.
    pub fn listen(stop: Stop, tell: Arc<dyn Fn() + Send + Sync>) -> Result<Self, CommandError> {
        let open =
            |kind| signal(kind).map_err(|error| CommandError::input(format!("cannot listen for signals: {error}")));
        let (mut interrupts, mut terminations) = (open(SignalKind::interrupt())?, open(SignalKind::terminate())?);
        let (ask, asked) = watch::channel(false);
        let request = stop.clone();
        let task = tokio::spawn(async move {
            either(&mut interrupts, &mut terminations).await;
            request.request();
            // Nobody waits: then nobody has to be told.
            let _ = ask.send(true);
            tell();
            either(&mut interrupts, &mut terminations).await;
            exit_now();
        });
        Ok(Interrupt { stop, asked, task })
    }

    /// Returns when a person wants the command to end.
    pub async fn requested(&self) {
        let mut asked = self.asked.clone();
        if asked.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether a person wants the command to end.
    pub fn is_requested(&self) -> bool {
        self.stop.is_requested()
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn either(interrupts: &mut Signal, terminations: &mut Signal) {
    tokio::select! {
        _ = interrupts.recv() => {}
        _ = terminations.recv() => {}
    }
}

#[expect(clippy::exit, reason = "the second Ctrl-C means now: calls in flight are closed by the next run")]
fn exit_now() -> ! {
    std::process::exit(Exit::Interrupted.code().into())
}
