//! Draws a plan as a graph for Graphviz.
//!
//! Source: <https://graphviz.org/doc/info/lang.html>

use common::report::{PlanData, StageBase, StagePlan, TargetPlan};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The plan in the DOT language: a cluster for each target, a node for each stage and image. Solid
/// edges are `FROM`, dashed ones are copies, bold ones lead from a target to those that need it.
pub(crate) fn dot(plan: &PlanData) -> String {
    let mut graph = String::from("digraph plan {\n  rankdir=LR;\n  node [shape=box];\n");
    for name in images(plan) {
        line(
            &mut graph,
            2,
            &format!("{} [shape=ellipse, label={}];", image(name), quote(name)),
        );
    }
    for target in &plan.targets {
        draw_target(&mut graph, target);
    }
    for target in &plan.targets {
        for dependency in &target.depends_on {
            let from = plan.targets.iter().find(|other| other.name == *dependency);
            if let (Some(from), Some(first)) = (from.and_then(goal), target.stages.first()) {
                let edge = format!("{} -> {} [style=bold];", from, node(target, first.index));
                line(&mut graph, 2, &edge);
            }
        }
    }
    graph.push_str("}\n");
    graph
}

fn draw_target(graph: &mut String, target: &TargetPlan) {
    line(
        graph,
        2,
        &format!("subgraph {} {{", quote(&format!("cluster_{}", target.name))),
    );
    line(graph, 4, &format!("label={};", quote(&target.name)));
    for stage in &target.stages {
        let label = format!("{} (line {})", stage.label(), stage.location.line);
        line(
            graph,
            4,
            &format!("{} [label={}];", node(target, stage.index), quote(&label)),
        );
    }
    line(graph, 2, "}");
    for stage in &target.stages {
        draw_edges(graph, target, stage);
    }
}

fn draw_edges(graph: &mut String, target: &TargetPlan, stage: &StagePlan) {
    let to = node(target, stage.index);
    let from = match &stage.base {
        StageBase::Scratch => None,
        StageBase::Stage { index } => Some(node(target, *index)),
        StageBase::Image { name } => Some(image(name)),
    };
    if let Some(from) = from {
        line(graph, 2, &format!("{from} -> {to};"));
    }
    for &index in &stage.copies_from {
        line(
            graph,
            2,
            &format!("{} -> {to} [style=dashed];", node(target, index)),
        );
    }
}

fn images(plan: &PlanData) -> BTreeSet<&str> {
    let stages = plan.targets.iter().flat_map(|target| &target.stages);
    let bases = stages.filter_map(|stage| match &stage.base {
        StageBase::Image { name } => Some(name.as_str()),
        _ => None,
    });
    bases.collect()
}

/// The node of the stage that becomes the target's image.
fn goal(target: &TargetPlan) -> Option<String> {
    target.stages.last().map(|stage| node(target, stage.index))
}

fn node(target: &TargetPlan, index: u32) -> String {
    quote(&format!("{}/{index}", target.name))
}

fn image(name: &str) -> String {
    quote(&format!("image {name}"))
}

fn quote(text: &str) -> String {
    format!(
        "\"{}\"",
        text.replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', " ")
    )
}

fn line(graph: &mut String, indent: usize, text: &str) {
    writeln!(graph, "{:indent$}{text}", "").expect("writing to a string succeeds");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples::stage;

    #[test]
    fn targets_are_clusters_and_edges_say_what_they_carry() {
        let base = TargetPlan {
            name: "base".to_owned(),
            stages: vec![stage(0, "root", StageBase::Scratch, &[])],
            ..TargetPlan::default()
        };
        let app = TargetPlan {
            name: "the \"app\"".to_owned(),
            depends_on: vec!["base".to_owned()],
            stages: vec![
                stage(
                    0,
                    "build",
                    StageBase::Image {
                        name: "acme/base".to_owned(),
                    },
                    &[],
                ),
                stage(1, "run", StageBase::Stage { index: 0 }, &[0]),
            ],
            ..TargetPlan::default()
        };
        let expected = r#"digraph plan {
  rankdir=LR;
  node [shape=box];
  "image acme/base" [shape=ellipse, label="acme/base"];
  subgraph "cluster_base" {
    label="base";
    "base/0" [label="root (line 1)"];
  }
  subgraph "cluster_the \"app\"" {
    label="the \"app\"";
    "the \"app\"/0" [label="build (line 1)"];
    "the \"app\"/1" [label="run (line 2)"];
  }
  "image acme/base" -> "the \"app\"/0";
  "the \"app\"/0" -> "the \"app\"/1";
  "the \"app\"/0" -> "the \"app\"/1" [style=dashed];
  "base/0" -> "the \"app\"/0" [style=bold];
}
"#;
        assert_eq!(
            dot(&PlanData {
                targets: vec![base, app]
            }),
            expected
        );
    }
}
