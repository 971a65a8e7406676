//! From a session to a plan: asks the cloud what the stack needs to know, reads what exists, and lets the planner decide.

use std::collections::BTreeMap;

use super::{bookkeeping, cloud::Cloud, error::CommandError, session::Session};
use crate::{
    base::{Address, Diagnostics, Identity, ObjectId, Part, Path, Place, Segment},
    engine::{
        plan::{Action, Plan},
        planner,
        run::{Engine, Live},
        undo::undo,
    },
    report::{diagnostics, plan_changes::Context},
    stack::{Facts, Import, Needs, Program, Stack},
    state::{Command, State},
};

/// What is to be reached.
#[derive(Debug, Clone)]
pub enum Goal {
    /// What the stack says.
    Stack,
    /// Nothing is left.
    Destroy,
    /// The stack, with objects that exist taken over.
    Import(Vec<(Address, String)>),
    /// What was there before the last run.
    Undo,
    /// A resource has another address.
    Move { from: Part, to: Part },
    /// Resources are not ours any more.
    Forget(Vec<Part>),
    /// What somebody else has changed stays as it is: of these, or of all if none is named.
    Accept(Vec<Part>),
}

impl Goal {
    /// The command it is recorded as.
    pub fn command(&self) -> Command {
        match self {
            Goal::Stack => Command::Apply,
            Goal::Destroy => Command::Destroy,
            Goal::Import(_) => Command::Import,
            Goal::Undo => Command::Undo,
            Goal::Move { .. } | Goal::Forget(_) | Goal::Accept(_) => Command::State,
        }
    }
}

/// A plan, and what is needed to show it.
pub struct Planned {
    pub plan: Plan,
    pub context: Context,
}

/// Plans from a state.
///
/// # Errors
/// What is wrong with the stack or the request, or a cloud that does not answer.
pub async fn plan(
    session: &Session,
    engine: &Engine,
    state: &State,
    goal: &Goal,
    wish: &Wish,
) -> Result<Planned, CommandError> {
    let stack = match goal {
        Goal::Stack | Goal::Import(_) | Goal::Accept(_) => Some(evaluated(session, engine, goal).await?),
        Goal::Destroy | Goal::Undo | Goal::Move { .. } | Goal::Forget(_) => None,
    };
    let plan = match goal {
        Goal::Undo => undo(&former_state(session).await?, state, session.catalogue),
        Goal::Move { from, to } => bookkeeping::moves(state, from, to)?,
        Goal::Forget(addresses) => bookkeeping::forgets(state, addresses)?,
        Goal::Stack | Goal::Import(_) | Goal::Destroy | Goal::Accept(_) => {
            let place = stack.as_ref().map(|stack| &stack.place);
            let place = place.or_else(|| state.objects.values().map(|object| &object.place).next());
            let identity = identity(engine, place, state).await?;
            let live = if wish.refresh { engine.live(state, stack.as_ref()).await? } else { Live::new() };
            let request = planner::Request {
                stack: stack.as_ref(),
                state,
                live: &live,
                catalogue: session.catalogue,
                command: goal.command(),
                identity,
                options: &wish.options,
            };
            let plan = planner::plan(&request).map_err(|found| session.findings(found))?;
            match goal {
                Goal::Accept(addresses) => bookkeeping::accepts(state, &plan, addresses)?,
                _ => plan,
            }
        }
    };
    let types = plan.steps.iter().map(|step| step.type_name.clone());
    let context = Context {
        former: former(&plan, state),
        positions: positions(stack.as_ref(), session),
        through_cloud_control: types.filter(|name| engine.provider.is_generic(name)).collect(),
    };
    Ok(Planned { plan, context })
}

async fn former_state(session: &Session) -> Result<State, CommandError> {
    session.store.previous(&session.key).await?.ok_or_else(|| {
        CommandError::input(format!("there is nothing to undo: no former state of {} is kept", session.key))
    })
}

/// How to plan.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    pub options: planner::Options,
    /// Read what exists.
    pub refresh: bool,
}

impl Wish {
    /// To find out what is there: nothing will be done, so nothing needs leave.
    pub fn to_look_at(state: &State) -> Self {
        let allow_delete = state.objects.keys().map(|object| object.address.clone()).collect();
        Wish { options: planner::Options { allow_delete, ..planner::Options::default() }, refresh: true }
    }
}

/// The lineage of a state that nobody has written yet.
const UNWRITTEN: &str = "unwritten";

/// Plans without holding the state: from what is stored, or from nothing if nothing is.
///
/// # Errors
/// As [`plan`].
pub async fn preview(session: &Session, cloud: &Cloud, goal: &Goal, wish: &Wish) -> Result<Planned, CommandError> {
    let state = match session.store.read(&session.key).await? {
        Some(state) => state,
        None => State::new(session.key.stack(), session.key.environment(), UNWRITTEN, "00"),
    };
    if state.run.is_some() {
        session
            .output
            .say("note: a former run was cut off; the next `apply` looks up what it left open before anything else\n");
    }
    or_interrupted(cloud, plan(session, &cloud.engine, &state, goal, wish)).await
}

/// What only reads may be dropped in the middle.
///
/// # Errors
/// The work's own, or Ctrl-C.
pub async fn or_interrupted<T>(
    cloud: &Cloud,
    work: impl Future<Output = Result<T, CommandError>>,
) -> Result<T, CommandError> {
    tokio::select! {
        result = work => result,
        () = cloud.interrupt.requested() => Err(CommandError::interrupted()),
    }
}

/// The stack, with everything known that the cloud can say. Warnings are shown.
async fn evaluated(session: &Session, engine: &Engine, goal: &Goal) -> Result<Stack, CommandError> {
    let program = session.program()?;
    let facts = facts(session, program, engine).await?;
    let (mut stack, warnings) = program.evaluate(&facts, session.catalogue).map_err(|found| session.findings(found))?;
    warn(session, &warnings);
    if let Goal::Import(objects) = goal {
        for (to, id) in objects {
            if !stack.resources.contains_key(to) {
                return Err(CommandError::input(format!("the stack has no resource `{to}`"))
                    .hint("declare it in the stack file first, with the properties that it has"));
            }
            stack.imports.push(Import { to: to.clone(), id: id.clone(), span: None });
        }
    }
    Ok(stack)
}

/// Shows findings that stop nobody.
pub fn warn(session: &Session, warnings: &Diagnostics) {
    if !warnings.0.is_empty() && !session.options.json {
        session.output.say(&diagnostics::render(warnings, &session.sources, session.output.progress));
    }
}

/// Asks until nothing new is needed: a look-up may depend on the result of another.
async fn facts(session: &Session, program: &Program, engine: &Engine) -> Result<Facts, CommandError> {
    let mut facts = Facts::default();
    loop {
        let needs = program.needs(&facts).map_err(|found| session.findings(found))?;
        let open = unanswered(needs, &facts);
        if open.identity.is_none() && open.zones.is_empty() && open.data.is_empty() {
            return Ok(facts);
        }
        let answers = engine.facts(&open).await?;
        let before = (facts.zones.len(), facts.data.len(), facts.identity.is_some());
        facts.identity = facts.identity.or(answers.identity);
        facts.zones.extend(answers.zones);
        facts.data.extend(answers.data);
        if before == (facts.zones.len(), facts.data.len(), facts.identity.is_some()) {
            return Err(CommandError::input("the cloud does not say what the stack asks for"));
        }
    }
}

fn unanswered(needs: Needs, facts: &Facts) -> Needs {
    Needs {
        identity: needs.identity.filter(|_| facts.identity.is_none()),
        zones: needs.zones.into_iter().filter(|place| !facts.zones.contains_key(place)).collect(),
        data: needs.data.into_iter().filter(|lookup| !facts.data.contains_key(&lookup.name)).collect(),
    }
}

/// Whose account it is; asked early, so that wrong credentials are found before anything else, and a state of another
/// account is not touched.
async fn identity(engine: &Engine, place: Option<&Place>, state: &State) -> Result<Option<Identity>, CommandError> {
    let Some(place) = place else { return Ok(None) };
    // The state belongs to the account of the credentials, whichever roles its regions are entered by.
    let place = Place { role_arn: None, ..place.clone() };
    let identity = engine.provider.identity(&place).await?;
    match &state.identity {
        Some(known) if *known != identity => Err(CommandError::input(format!(
            "the state belongs to account {} ({}), the credentials to account {} ({})",
            known.account_id, known.partition, identity.account_id, identity.partition
        ))
        .hint("use the credentials of the state's account (AWS_PROFILE), or another `--env`")),
        _ => Ok(Some(identity)),
    }
}

/// The properties of what is replaced or changed, as they were applied.
fn former(plan: &Plan, state: &State) -> BTreeMap<ObjectId, serde_json::Value> {
    let touched = plan.steps.iter().filter_map(|step| match &step.action {
        Action::Create { replaces, .. } => replaces.as_ref(),
        Action::Update { .. } => Some(&step.object),
        _ => None,
    });
    touched.filter_map(|object| Some((object.clone(), state.objects.get(object)?.inputs.clone()))).collect()
}

fn positions(stack: Option<&Stack>, session: &Session) -> BTreeMap<Address, String> {
    let resources = stack.iter().flat_map(|stack| stack.resources.values());
    let position = |span| session.sources.position(span);
    resources.filter_map(|resource| Some((resource.address.clone(), position(resource.span?)))).collect()
}

/// The resources that a resource of a stack needs, in order, each once.
pub fn needs_of<'a>(stack: &'a Stack, address: &Address) -> Vec<&'a Address> {
    let Some(resource) = stack.resources.get(address) else { return Vec::new() };
    let referred =
        resource.properties.waits_for().into_iter().flat_map(|(needed, path)| instances(stack, needed, path));
    let mut needs = referred.chain(resource.depends_on.iter()).collect::<Vec<_>>();
    needs.sort();
    needs.dedup();
    needs
}

/// A reference to a repeated resource as a whole means all of its instances.
fn instances<'a>(stack: &'a Stack, needed: &'a Address, path: &Path) -> Vec<&'a Address> {
    if stack.resources.contains_key(needed) || matches!(path.0.first(), Some(Segment::Each)) {
        return vec![needed];
    }
    let of_it = |address: &&'a Address| address.declaration() == *needed;
    stack.resources.keys().filter(of_it).collect()
}
