//! The one way in which commands change things: hold the state, finish what a former run left open, plan, ask, do, and say
//! how it ended.

use serde_json::json;

use super::{
    cloud::Cloud,
    confirm,
    error::{CommandError, Kind},
    exit::Exit,
    options::RunOptions,
    planning::{self, Goal, Planned, Wish},
    saved_plan::SavedPlan,
    session::Session,
};
use crate::{
    base::{ObjectId, Part},
    engine::{
        event::VERSION,
        run::{Ended, Options, RunError},
    },
    report::{drift, outcome, plan as plan_text, plan_file},
    state::{Lease, State, StoreError},
};

/// What a command wants to change, and how.
pub struct Change<'a> {
    /// The word of the command: `apply`.
    pub verb: &'static str,
    pub goal: Goal,
    pub wish: Wish,
    pub run: &'a RunOptions,
    /// The plan that was agreed to before.
    pub saved: Option<&'a SavedPlan>,
}

/// Changes what the goal asks for.
///
/// # Errors
/// Whatever prevents the run; how a run ended is in the exit code.
pub async fn change(session: &Session, change: &Change<'_>) -> Result<Exit, CommandError> {
    let is_asked = !change.run.yes && change.saved.is_none();
    if session.options.json && is_asked {
        return Err(CommandError::input("with `--json` there is nobody to ask").hint("add `--yes`"));
    }
    if is_asked {
        confirm::can_ask(matches!(change.goal, Goal::Stack | Goal::Destroy))?;
    }
    if matches!(change.goal, Goal::Stack | Goal::Import(_) | Goal::Accept(_)) {
        session.program()?;
    }
    let options = Options { parallel: change.run.parallel.into(), on_failure: change.run.on_failure.into() };
    let cloud = Cloud::open(&session.options.cloud, options, &session.output, session.options.json)?;
    let lease = session.store.acquire(&session.key, &session.holder(change.verb)).await?;
    let result = with_lease(session, change, &cloud, &lease).await;
    // Whatever happened, what was recorded is kept, and somebody else may have the state.
    let released = lease.release().await;
    let exit = result?;
    released?;
    Ok(exit)
}

async fn with_lease(
    session: &Session,
    change: &Change<'_>,
    cloud: &Cloud,
    lease: &Lease,
) -> Result<Exit, CommandError> {
    cloud.engine.recover(lease).await?;
    // The state before a recovered run is not what the last plan was made from; it is planned anew from what is true now.
    let state = lease.with_state(State::clone);
    let planned = planning::or_interrupted(cloud, planned(session, change, cloud, &state)).await?;
    cloud.stream.finish();
    show(session, change, &planned)?;
    if planned.plan.is_empty() {
        return Ok(Exit::Done);
    }
    if !change.run.yes && change.saved.is_none() {
        confirm::confirm(question(change), &session.output, &cloud.interrupt).await?;
    }
    if cloud.interrupt.is_requested() {
        return Err(CommandError::interrupted());
    }
    let ended = cloud.engine.execute(lease, &planned.plan).await;
    cloud.stream.finish();
    let exit = tell(session, change, cloud, &planned, ended)?;
    if exit == Exit::Done && change.verb == "apply" && !session.options.json {
        outputs(session, &lease.with_state(State::clone))?;
    }
    Ok(exit)
}

async fn planned(
    session: &Session,
    change: &Change<'_>,
    cloud: &Cloud,
    state: &State,
) -> Result<Planned, CommandError> {
    let Change { goal, wish, .. } = change;
    if let Some(saved) = change.saved {
        let comparable = saved.comparable(state);
        let now = planning::plan(session, &cloud.engine, &comparable, goal, wish).await?;
        saved.check(&now.plan)?;
        if comparable == *state {
            return Ok(now);
        }
    }
    planning::plan(session, &cloud.engine, state, goal, wish).await
}

fn question(change: &Change<'_>) -> &'static str {
    match change.goal {
        Goal::Stack => "Apply these changes?",
        Goal::Destroy => "Destroy all of this?",
        Goal::Import(_) => "Take this over?",
        Goal::Undo => "Take the last run back?",
        Goal::Move { .. } | Goal::Forget(_) => "Change the record?",
        Goal::Accept(_) => "Accept what was changed?",
    }
}

/// The plan, before anything is done.
fn show(session: &Session, change: &Change<'_>, planned: &Planned) -> Result<(), CommandError> {
    if session.options.json {
        let plan = serde_json::to_value(plan_file::masked(&planned.plan)).unwrap_or_default();
        let line = json!({"v": VERSION, "event": "planned", "plan": plan});
        return session.output.result(&crate::report::text::json(format!("{line}\n")));
    }
    if matches!(change.goal, Goal::Accept(_)) && planned.plan.is_empty() {
        return session.output.result(&drift::nothing_to_accept(&planned.plan, session.output.result));
    }
    session.output.result(&plan_text::render(&planned.plan, &planned.context, session.output.result))
}

/// How it ended, in words and as an exit code.
fn tell(
    session: &Session,
    change: &Change<'_>,
    cloud: &Cloud,
    planned: &Planned,
    ended: Result<Ended, RunError>,
) -> Result<Exit, CommandError> {
    let finish = session.options.command(if change.verb == "destroy" { "destroy" } else { "apply" });
    let ended = match ended {
        Ok(ended) => ended,
        // Before the first step nothing is changed; after it, something may be left.
        Err(RunError::Store(error))
            if !matches!(error, StoreError::Locked { .. }) && cloud.stream.view().run.is_some() =>
        {
            let mut error = CommandError::from(error);
            error.kind = Kind::Left;
            return Err(error.hint(format!("what was recorded is safe; finish it with: {finish}")));
        }
        Err(error) => return Err(error.into()),
    };
    if !session.options.json {
        let view = cloud.stream.view();
        let text = outcome::render(&view, &planned.context, &finish, session.output.progress);
        session.output.say(&text);
    }
    Ok(Exit::of_run(ended.outcome, ended.stopped))
}

/// The outputs of a stack, as people copy them.
fn outputs(session: &Session, state: &State) -> Result<(), CommandError> {
    if state.outputs.is_empty() {
        return Ok(());
    }
    session.output.result(&format!("\nOutputs:\n{}", super::commands::output::table(state)))
}

/// Objects that a state command names: every generation of what lies in a part.
///
/// # Errors
/// The state has nothing there.
pub fn objects_at(state: &State, part: &Part) -> Result<Vec<ObjectId>, CommandError> {
    let found = state.objects.keys().filter(|object| part.contains(&object.address)).cloned().collect::<Vec<_>>();
    if found.is_empty() {
        let near = |other: &String| strsim::jaro_winkler(other, &part.to_string());
        let similar = state.objects.keys().map(|object| object.address.to_string()).filter(|other| near(other) > 0.7);
        let similar = similar.max_by(|a, b| near(a).total_cmp(&near(b)));
        let error = CommandError::input(format!("the state has no `{part}`"));
        return Err(similar.into_iter().fold(error, |error, similar| error.hint(format!("did you mean `{similar}`?"))));
    }
    Ok(found)
}
