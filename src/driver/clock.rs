//! Time as a cloud lives it. The sandbox runs many times faster than the world, and tests run on tokio's paused clock:
//! both only work if everybody who waits or measures asks the same clock.

use std::time::Duration;

use tokio::time::Instant;

/// However fast a simulated cloud runs, its answers are computed by this machine, which may be busy: a deadline of half a
/// minute leaves it half a second.
const FASTEST_ANSWERS: f64 = 60.0;

/// A clock that runs `speed` times as fast as tokio's, and by which answers come `answers` times as fast.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: Instant,
    speed: f64,
    answers: f64,
}

impl Clock {
    /// The clock on the wall.
    pub fn real() -> Self {
        Clock::running(1.0)
    }

    /// A clock that runs `speed` times as fast; `speed` must be positive and finite.
    pub fn running(speed: f64) -> Self {
        Clock { start: Instant::now(), speed, answers: speed.min(FASTEST_ANSWERS) }
    }

    /// The same, but answers take as long as they take: for a cloud that has everything ready at once, where waiting as long
    /// as for AWS would be a waste, but that is a busy process on the same machine.
    #[must_use]
    pub fn with_real_answers(self) -> Self {
        Clock { answers: 1.0, ..self }
    }

    /// Time since the clock was started, by this clock.
    pub fn now(&self) -> Duration {
        self.start.elapsed().mul_f64(self.speed)
    }

    /// Waits for `duration` by this clock.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration.div_f64(self.speed)).await;
    }

    /// Waits for as long as an answer may take that has to come within `deadline`.
    pub async fn answer_within(&self, deadline: Duration) {
        tokio::time::sleep(deadline.div_f64(self.answers)).await;
    }
}
