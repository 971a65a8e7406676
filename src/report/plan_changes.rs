//! A plan as people think of it: changes to resources, the risky ones first, repeats folded together. Text and markdown
//! draw the same [`Summary`]; neither decides anything.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::Value as Json;

use super::{
    critical_path::critical_path,
    differences::{Difference, differences},
    drift, text, words,
};
use crate::{
    base::{Address, ObjectId, Path},
    engine::event::Command,
    engine::plan::{Action, Plan, Reason, Step, Undo},
};

/// What is known about the resources of a plan that the plan itself does not say.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The properties of objects as they were last applied, sealed.
    pub former: BTreeMap<ObjectId, Json>,
    /// Where resources stand in the stack: `stack.yaml:12:3`.
    pub positions: BTreeMap<Address, String>,
    /// Types without a driver of their own.
    pub through_cloud_control: BTreeSet<String>,
}

/// What happens to a resource; in the order in which people want to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Delete,
    Replace,
    Update,
    Resume,
    Create,
    Adopt,
    Move,
    Forget,
    Accept,
}

impl Kind {
    /// All of them, in order.
    pub const ALL: [Kind; 9] = [
        Kind::Delete,
        Kind::Replace,
        Kind::Update,
        Kind::Resume,
        Kind::Create,
        Kind::Adopt,
        Kind::Move,
        Kind::Forget,
        Kind::Accept,
    ];

    /// The infinitive: `2 to delete`.
    pub fn verb(self) -> &'static str {
        match self {
            Kind::Delete => "delete",
            Kind::Replace => "replace",
            Kind::Update => "update",
            Kind::Resume => "finish",
            Kind::Create => "create",
            Kind::Adopt => "import",
            Kind::Move => "move",
            Kind::Forget => "forget",
            Kind::Accept => "record",
        }
    }
}

/// What happens to one resource, or to several in the same way.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub kind: Kind,
    pub addresses: Vec<Address>,
    pub type_name: String,
    /// Its region, if the plan works in several.
    pub region: Option<String>,
    /// In words; empty where there is nothing to explain.
    pub reasons: Vec<String>,
    pub differences: Vec<Difference>,
    /// What else should be known: the order of a replacement, the new address.
    pub notes: Vec<String>,
}

/// A plan, ready to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    pub title: String,
    pub changes: Vec<Change>,
    /// Resources by what happens to them.
    pub totals: BTreeMap<Kind, usize>,
    /// What a rollback could not take back: why, and which resources.
    pub lasting: Vec<(String, String)>,
    /// How long it will usually take.
    pub expected: Duration,
    /// The steps that this time is made of.
    pub critical: Vec<(Address, Duration)>,
    pub warnings: Vec<String>,
    /// What stays other than the file says.
    pub accepted: Option<String>,
}

impl Summary {
    /// The summary of a plan.
    pub fn of(plan: &Plan, context: &Context) -> Self {
        let changes = fold(changes(plan, context));
        let mut totals = BTreeMap::new();
        for change in &changes {
            *totals.entry(change.kind).or_insert(0) += change.addresses.len();
        }
        let (expected, critical) = critical_path(plan);
        let title = text::line(&format!("{} ({})", plan.stack, plan.environment)).into_owned();
        let warnings = plan.warnings.iter().map(|warning| text::line(warning).into_owned()).collect();
        let accepted = drift::accepted(plan);
        Summary { title, changes, totals, lasting: lasting(plan), expected, critical, warnings, accepted }
    }

    /// `2 to delete, 3 to create`.
    pub fn totals_text(&self) -> String {
        let parts = self.totals.iter().map(|(kind, number)| format!("{number} to {}", kind.verb()));
        parts.collect::<Vec<_>>().join(", ")
    }

    /// `about 14 minutes, most of it nat 2:00 → db 8:00`; `None` if there is nothing to wait for.
    pub fn expected_text(&self) -> Option<String> {
        if self.expected.is_zero() {
            return None;
        }
        // A step that is a twentieth of the whole explains nothing.
        let long = self.critical.iter().filter(|(_, usual)| *usual * 20 >= self.expected);
        let path = long.map(|(address, usual)| format!("{} {}", text::line(&address.to_string()), text::clock(*usual)));
        Some(format!("about {}: {}", text::about(self.expected), path.collect::<Vec<_>>().join(" → ")))
    }
}

/// `private["a"], ["b"], ["c"]`; long lists are cut in the middle.
pub fn names(addresses: &[Address]) -> String {
    const MOST: usize = 4;
    let key = |address: &Address| address.resource.key.as_ref().map(ToString::to_string).unwrap_or_default();
    let label = match addresses {
        [] => String::new(),
        [first, rest @ ..] if addresses.len() <= MOST => {
            std::iter::once(first.to_string()).chain(rest.iter().map(key)).collect::<Vec<_>>().join(", ")
        }
        [first, second, .., last] => format!("{first}, {}, … {} ({} of them)", key(second), key(last), addresses.len()),
        _ => String::new(),
    };
    text::line(&label).into_owned()
}

fn changes(plan: &Plan, context: &Context) -> Vec<Change> {
    let position = plan.steps.iter().enumerate().map(|(at, step)| (&step.object, at)).collect::<BTreeMap<_, _>>();
    let replaced = plan.steps.iter().filter_map(replaces).collect::<BTreeSet<_>>();
    let regions = plan.steps.iter().map(|step| &step.place.region).collect::<BTreeSet<_>>();
    let mut changes = Vec::new();
    for (at, step) in plan.steps.iter().enumerate() {
        // The delete of what is replaced is the other half of its replacement.
        if step.action == Action::Delete && replaced.contains(&step.object) {
            continue;
        }
        let mut change = Change {
            kind: kind(step),
            addresses: vec![step.object.address.clone()],
            type_name: step.type_name.clone(),
            region: (regions.len() > 1).then(|| step.place.region.clone()),
            reasons: step.why.iter().filter(|why| !is_obvious(plan.command, why)).map(words::reason).collect(),
            differences: differences(plan, step, context),
            notes: Vec::new(),
        };
        if let Some(old) = replaces(step) {
            change.notes.push(match position.get(old) {
                Some(delete) if *delete < at => {
                    "the old one is deleted first, because the two cannot exist side by side".to_owned()
                }
                Some(_) => "the new one is made first, then the old one is deleted".to_owned(),
                None => "the old one stays in AWS".to_owned(),
            });
        }
        if let Action::Move { to } = &step.action {
            change.notes.push(format!("its address becomes `{}`", to.address));
        }
        if let Action::Adopt { id, .. } = &step.action {
            change.notes.push(format!("exists as `{id}`"));
        }
        if context.through_cloud_control.contains(&step.type_name) && step.action.changes_aws() {
            change.notes.push("by AWS Cloud Control".to_owned());
        }
        if let Some(property) = shows_difference_twice(&change) {
            change.reasons.retain(|reason| *reason != property);
        }
        changes.push(change);
    }
    changes
}

/// What the command itself says.
fn is_obvious(command: Command, why: &Reason) -> bool {
    match why {
        Reason::New | Reason::Destroyed | Reason::Undone | Reason::Accepted { .. } => true,
        Reason::Declared => command == Command::State,
        _ => false,
    }
}

/// "`X` changed in the stack" is what the differences underneath say, if they all are at `X`.
fn shows_difference_twice(change: &Change) -> Option<String> {
    let (first, [reason]) = (change.differences.first()?, change.reasons.as_slice()) else { return None };
    let upward = (1..=first.path.0.len()).map(|end| Path(first.path.0[..end].to_vec()));
    let said = upward.map(|path| (words::reason(&Reason::Changed { path: path.clone() }), path));
    let (said, path) = said.into_iter().find(|(said, _)| said == reason)?;
    let is_there = |difference: &Difference| difference.path.0.starts_with(&path.0);
    (change.kind == Kind::Update && change.differences.iter().all(is_there)).then_some(said)
}

/// The object that a step makes a successor of.
pub(super) fn replaces(step: &Step) -> Option<&ObjectId> {
    match &step.action {
        Action::Create { replaces, .. } => replaces.as_ref(),
        _ => None,
    }
}

fn kind(step: &Step) -> Kind {
    match &step.action {
        Action::Create { replaces: Some(_), .. } => Kind::Replace,
        Action::Create { .. } => Kind::Create,
        Action::Update { .. } => Kind::Update,
        Action::Resume { .. } => Kind::Resume,
        Action::Delete => Kind::Delete,
        Action::Adopt { .. } => Kind::Adopt,
        Action::Forget => Kind::Forget,
        Action::Move { .. } => Kind::Move,
        Action::Accept { .. } => Kind::Accept,
    }
}

/// Puts together what happens in the same way to instances of the same resource; the riskiest first, then in plan order.
fn fold(changes: Vec<Change>) -> Vec<Change> {
    let mut folded = Vec::<Change>::new();
    let mut places = BTreeMap::new();
    for change in changes {
        let Change { kind, addresses, type_name, region, reasons, differences, notes } = &change;
        let declared = addresses.first().map(Address::declaration);
        let alike =
            (*kind, declared, type_name.clone(), region.clone(), reasons.clone(), differences.clone(), notes.clone());
        let at = *places.entry(alike).or_insert(folded.len());
        match folded.get_mut(at) {
            Some(same) => same.addresses.extend(change.addresses),
            None => folded.push(change),
        }
    }
    folded.sort_by_key(|change| change.kind);
    folded
}

/// What a rollback could not take back, by the reason. Of a destroy or an undo everybody knows that nothing comes back.
fn lasting(plan: &Plan) -> Vec<(String, String)> {
    let is_destroy = matches!(plan.command, Command::Destroy | Command::Undo);
    let mut reasons = Vec::<(String, Vec<Vec<Address>>)>::new();
    let mut places = BTreeMap::new();
    for step in &plan.steps {
        let Some(why) = words::cannot_undo(&step.undo) else { continue };
        if is_destroy && matches!(step.undo, Undo::Never { .. }) {
            continue;
        }
        let at = *places.entry(why.clone()).or_insert(reasons.len());
        if at == reasons.len() {
            reasons.push((why, Vec::new()));
        }
        let Some((_, groups)) = reasons.get_mut(at) else { continue };
        let address = &step.object.address;
        match groups.last_mut() {
            Some(group) if group.first().map(Address::declaration) == Some(address.declaration()) => {
                group.push(address.clone());
            }
            _ => groups.push(vec![address.clone()]),
        }
    }
    let label = |groups: Vec<Vec<Address>>| groups.iter().map(|group| names(group)).collect::<Vec<_>>().join(", ");
    reasons.into_iter().map(|(why, groups)| (text::line(&why).into_owned(), label(groups))).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        base::{Place, Value},
        engine::plan::{After, Needs, PlannedOutput, VERSION},
        stack::Timeouts,
        state::{Deviation, Kept, StateMark},
    };

    /// A step of a plan; `after` are addresses of the first generation.
    pub fn step(address: &str, type_name: &str, action: Action, why: Reason, after: &[&str]) -> Step {
        let ready =
            |address: &&str| After { object: address.parse::<Address>().unwrap().generation(1), needs: Needs::Ready };
        let undo = match &action {
            Action::Delete => Undo::Never { why: "a deleted object does not come back".to_owned() },
            Action::Update { .. } => Undo::Restore,
            Action::Create { .. } | Action::Resume { .. } => Undo::Delete { residue: None },
            _ => Undo::Record,
        };
        Step {
            object: address.parse::<Address>().unwrap().generation(1),
            type_name: type_name.to_owned(),
            place: Place { region: "eu-central-1".to_owned(), role_arn: None },
            action,
            why: vec![why],
            after: after.iter().map(ready).collect(),
            undo,
            usual: Duration::from_secs(10),
            timeouts: Timeouts::default(),
        }
    }

    /// A create with these properties.
    pub fn create(want: Json) -> Action {
        Action::Create { want: want.into(), needs: BTreeSet::new(), kept: Kept::default(), replaces: None }
    }

    /// A plan of these steps, of which `commit` can be undone.
    pub fn plan(steps: Vec<Step>, commit: usize) -> Plan {
        Plan {
            version: VERSION,
            command: Command::Apply,
            stack: "shop".to_owned(),
            environment: "dev".to_owned(),
            stack_digest: "d".to_owned(),
            base: StateMark { lineage: "l".to_owned(), serial: 7, identity: None },
            steps,
            commit,
            outputs: vec![(
                "url".to_owned(),
                PlannedOutput { value: Value::text("canary").sensitive(), description: None, changed: true },
            )],
            warnings: vec!["`AWS::X::Y` takes no owner tags".to_owned()],
            drifted: BTreeMap::new(),
            accepted: BTreeMap::new(),
        }
    }

    /// Somebody else has changed something, and two other changes of theirs were accepted.
    fn meddled(mut plan: Plan) -> Plan {
        let deviation = |path: &str, wanted, live| vec![Deviation { path: path.parse().unwrap(), wanted, live }];
        let [vpc, network] = ["vpc", "network"].map(|name| Address::root(name).generation(1));
        plan.drifted.insert(vpc.clone(), deviation("Tags[0].Value", json!("c"), json!({"$sealed": "x"})));
        plan.accepted.insert(vpc, deviation("EnableNetworkAddressUsageMetrics", json!(true), Json::Null));
        plan.accepted.insert(network, deviation("RetentionInDays", json!(7), json!(1)));
        plan
    }

    /// One change of every kind.
    pub fn everything() -> (Plan, Context) {
        let kept = Kept::default;
        let subnet = |key: &str| {
            step(
                &format!("private[\"{key}\"]"),
                "AWS::EC2::Subnet",
                create(json!({"CidrBlock": "10.0.0.0/24"})),
                Reason::New,
                &["vpc"],
            )
        };
        let replaced = "web".parse::<Address>().unwrap();
        let mut replacement = step(
            "web",
            "AWS::EC2::Instance",
            Action::Create {
                want: json!({"ImageId": "ami-2"}).into(),
                needs: BTreeSet::new(),
                kept: kept(),
                replaces: Some(replaced.generation(1)),
            },
            Reason::Immutable { path: Path::key("ImageId") },
            &["vpc"],
        );
        replacement.object.generation = 2;
        let update = Action::Update {
            want: json!({"EnableDnsSupport": true, "Tags": [{"Key": "a", "Value": "c"}]}).into(),
            before: json!({"Tags": [{"Key": "a", "Value": {"$sealed": "x"}}], "InstanceTenancy": "default"}),
            paths: ["EnableDnsSupport", "InstanceTenancy", "Tags[0].Value"].map(|path| path.parse().unwrap()).to_vec(),
            needs: BTreeSet::new(),
            kept: kept(),
            record: None,
            accepted: Vec::new(),
        };
        let mut key = step("key", "AWS::KMS::Key", create(json!({})), Reason::New, &[]);
        key.undo = Undo::Delete { residue: Some("the key stays pending deletion for 7 days".to_owned()) };
        key.usual = Duration::from_secs(400);
        let adopt = Action::Adopt {
            id: crate::base::PhysicalId("b-1".to_owned()),
            want: json!({}).into(),
            needs: BTreeSet::new(),
            kept: kept(),
        };
        let moved = Action::Move { to: Address::root("new_name").generation(1) };
        let steps = vec![
            step("vpc", "AWS::EC2::VPC", update, Reason::Drifted { path: "Tags[0].Value".parse().unwrap() }, &[]),
            key,
            subnet("a"),
            subnet("b"),
            replacement,
            step("bucket", "AWS::S3::Bucket", adopt, Reason::Declared, &[]),
            step("old_name", "AWS::EC2::EIP", moved, Reason::Declared, &[]),
            step("table", "AWS::DynamoDB::Table", Action::Forget, Reason::Declared, &[]),
            step("web", "AWS::EC2::Instance", Action::Delete, Reason::Replaced, &[]),
            step("gone[0]", "AWS::EC2::EIP", Action::Delete, Reason::Removed, &["web"]),
            step("gone[1]", "AWS::EC2::EIP", Action::Delete, Reason::Removed, &["web"]),
        ];
        let former = [(replaced.generation(1), json!({"ImageId": "ami-1"}))].into();
        (meddled(plan(steps, 8)), Context { former, ..Context::default() })
    }

    #[test]
    fn a_replacement_is_one_change_and_the_risky_ones_come_first() {
        let (plan, context) = everything();
        let summary = Summary::of(&plan, &context);
        let kinds = summary.changes.iter().map(|change| change.kind).collect::<Vec<_>>();
        assert!(kinds.is_sorted());
        assert_eq!(
            summary.totals_text(),
            "2 to delete, 1 to replace, 1 to update, 3 to create, 1 to import, 1 to move, 1 to forget"
        );
        let replacement = summary.changes.iter().find(|change| change.kind == Kind::Replace).unwrap();
        assert_eq!(replacement.notes, ["the new one is made first, then the old one is deleted"]);
        assert_eq!(replacement.differences[0].before.as_deref(), Some("\"ami-1\""));
    }

    #[test]
    fn what_goes_through_cloud_control_is_said() {
        let new = |name, kind| step(name, kind, create(json!({})), Reason::New, &[]);
        let steps = vec![new("bus", "AWS::Events::EventBus"), new("vpc", "AWS::EC2::VPC")];
        let through_cloud_control = ["AWS::Events::EventBus".to_owned()].into();
        let summary = Summary::of(&plan(steps, 2), &Context { through_cloud_control, ..Context::default() });
        let notes: Vec<_> = summary.changes.iter().map(|change| change.notes.clone()).collect();
        assert_eq!(notes, [vec!["by AWS Cloud Control".to_owned()], vec![]]);
    }

    #[test]
    fn instances_are_folded_only_if_the_same_happens_to_them() {
        let subnet = |key: usize, why| step(&format!("s[{key}]"), "AWS::EC2::Subnet", create(json!({})), why, &[]);
        let steps = (0..9).map(|key| subnet(key, Reason::New)).chain([subnet(9, Reason::Missing)]).collect();
        let summary = Summary::of(&plan(steps, 10), &Context::default());
        let labels = summary.changes.iter().map(|change| names(&change.addresses)).collect::<Vec<_>>();
        assert_eq!(labels, ["s[0], [1], … [8] (9 of them)", "s[9]"]);
    }
}
