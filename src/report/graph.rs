//! What depends on what, as Mermaid (GitHub and GitLab draw it) or DOT (Graphviz).

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    text,
    words::{action_verb, verb},
};
use crate::{
    base::{Address, ObjectId},
    engine::plan::{Needs, Plan},
};

/// Things and what they wait for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Graph {
    nodes: Vec<Node>,
    /// From what must come first to what waits for it.
    edges: Vec<Edge>,
}

#[derive(Debug, Clone, PartialEq)]
struct Node {
    name: String,
    detail: String,
}

#[derive(Debug, Clone, PartialEq)]
struct Edge {
    from: usize,
    to: usize,
    /// The id of the first is enough.
    is_weak: bool,
}

impl Graph {
    /// The steps of a plan, in the order in which they wait for each other.
    pub fn of_plan(plan: &Plan) -> Self {
        let places =
            plan.steps.iter().enumerate().map(|(at, step)| (&step.object, at)).collect::<BTreeMap<&ObjectId, _>>();
        let mut graph = Graph::default();
        for (to, step) in plan.steps.iter().enumerate() {
            let detail = format!("{} {}", verb(action_verb(&step.action)).plain, step.type_name);
            graph.nodes.push(Node { name: step.object.address.to_string(), detail });
            graph.edges.extend(step.after.iter().filter_map(|after| {
                let is_weak = after.needs == Needs::Created;
                places.get(&after.object).map(|from| Edge { from: *from, to, is_weak })
            }));
        }
        graph
    }

    /// The resources of a stack: each with its type and the resources that it needs.
    pub fn of_resources<'a>(resources: impl IntoIterator<Item = (&'a Address, &'a str, Vec<&'a Address>)>) -> Self {
        let resources = resources.into_iter().collect::<Vec<_>>();
        let places = resources.iter().enumerate().map(|(at, (address, ..))| (*address, at)).collect::<BTreeMap<_, _>>();
        let mut graph = Graph::default();
        for (to, (address, type_name, needs)) in resources.iter().enumerate() {
            graph.nodes.push(Node { name: address.to_string(), detail: (*type_name).to_owned() });
            let edge = |needed: &&Address| places.get(*needed).map(|from| Edge { from: *from, to, is_weak: false });
            graph.edges.extend(needs.iter().filter_map(edge));
        }
        graph
    }

    /// As a Mermaid flow chart. Ends with a line break.
    pub fn mermaid(&self) -> String {
        let mut drawn = String::from("flowchart LR\n");
        for (at, node) in self.nodes.iter().enumerate() {
            // Mermaid takes HTML entities, with # for &, and nothing else, for what it would misread.
            let label = |text: &str| text::line(text).replace('#', "#35;").replace('"', "#quot;").replace('<', "#lt;");
            let _ = writeln!(drawn, "  n{at}[\"{}<br/>{}\"]", label(&node.name), label(&node.detail));
        }
        for Edge { from, to, is_weak } in &self.edges {
            let arrow = if *is_weak { "-.->" } else { "-->" };
            let _ = writeln!(drawn, "  n{from} {arrow} n{to}");
        }
        drawn
    }

    /// As a DOT digraph. Ends with a line break.
    pub fn dot(&self) -> String {
        let mut drawn = String::from("digraph {\n  rankdir=LR;\n  node [shape=box];\n");
        let label = |text: &str| text::line(text).replace('\\', "\\\\").replace('"', "\\\"");
        for (at, node) in self.nodes.iter().enumerate() {
            let _ = writeln!(drawn, "  n{at} [label=\"{}\\n{}\"];", label(&node.name), label(&node.detail));
        }
        for Edge { from, to, is_weak } in &self.edges {
            let style = if *is_weak { " [style=dashed]" } else { "" };
            let _ = writeln!(drawn, "  n{from} -> n{to}{style};");
        }
        drawn + "}\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::plan::Reason,
        report::plan_changes::tests::{create, plan, step},
    };

    fn sample() -> Graph {
        let make = || create(serde_json::json!({}));
        let mut subnet = step(r#"private["a"]"#, "AWS::EC2::Subnet", make(), Reason::New, &["vpc"]);
        subnet.after[0].needs = Needs::Created;
        Graph::of_plan(&plan(vec![step("vpc", "AWS::EC2::VPC", make(), Reason::New, &[]), subnet], 2))
    }

    #[test]
    fn quotes_in_names_do_not_end_a_label() {
        insta::assert_snapshot!(sample().mermaid());
        insta::assert_snapshot!(sample().dot());
    }

    #[test]
    fn a_stack_draws_the_same_arrows() {
        let (vpc, subnet) = (Address::root("vpc"), Address::root("subnet"));
        let resources = [(&vpc, "AWS::EC2::VPC", Vec::new()), (&subnet, "AWS::EC2::Subnet", vec![&vpc])];
        assert!(Graph::of_resources(resources).mermaid().ends_with("n0 --> n1\n"));
    }
}
