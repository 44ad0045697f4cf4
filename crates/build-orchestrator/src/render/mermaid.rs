//! Draws a plan as a graph for Mermaid, which code hosts show inside Markdown.
//!
//! Source: <https://mermaid.js.org/syntax/flowchart.html>

use common::report::{PlanData, StageBase, StagePlan, TargetPlan};
use std::fmt::Write as _;

/// The plan as a Mermaid flowchart: a subgraph for each target, a node for each stage and image.
/// Solid edges are `FROM`, dotted ones are copies, thick ones lead from a target to those that need
/// it.
pub(crate) fn mermaid(plan: &PlanData) -> String {
    let mut graph = String::from("flowchart LR\n");
    let images = images(plan);
    for (number, name) in images.iter().enumerate() {
        line(&mut graph, 2, &format!("i{number}([\"{}\"])", escape(name)));
    }
    for (number, target) in plan.targets.iter().enumerate() {
        draw_target(&mut graph, number, target);
    }
    for (number, target) in plan.targets.iter().enumerate() {
        for stage in &target.stages {
            draw_edges(&mut graph, number, stage, &images);
        }
    }
    for (number, target) in plan.targets.iter().enumerate() {
        draw_dependencies(&mut graph, plan, number, target);
    }
    graph
}

fn draw_target(graph: &mut String, number: usize, target: &TargetPlan) {
    line(
        graph,
        2,
        &format!("subgraph t{number}[\"{}\"]", escape(&target.name)),
    );
    for stage in &target.stages {
        let label = format!("{} (line {})", stage.label(), stage.location.line);
        let node = node(number, stage.index);
        line(graph, 4, &format!("{node}[\"{}\"]", escape(&label)));
    }
    line(graph, 2, "end");
}

fn draw_edges(graph: &mut String, target: usize, stage: &StagePlan, images: &[&str]) {
    let to = node(target, stage.index);
    let from = match &stage.base {
        StageBase::Scratch => None,
        StageBase::Stage { index } => Some(node(target, *index)),
        StageBase::Image { name } => {
            let number = images.iter().position(|known| known == name);
            number.map(|number| format!("i{number}"))
        }
    };
    if let Some(from) = from {
        line(graph, 2, &format!("{from} --> {to}"));
    }
    for &index in &stage.copies_from {
        line(graph, 2, &format!("{} -.-> {to}", node(target, index)));
    }
}

fn draw_dependencies(graph: &mut String, plan: &PlanData, number: usize, target: &TargetPlan) {
    for dependency in &target.depends_on {
        let mut others = plan.targets.iter();
        if let Some(other) = others.position(|other| other.name == *dependency) {
            line(graph, 2, &format!("t{other} ==> t{number}"));
        }
    }
}

/// The images that stages start from, sorted, each once.
fn images(plan: &PlanData) -> Vec<&str> {
    let stages = plan.targets.iter().flat_map(|target| &target.stages);
    let bases = stages.filter_map(|stage| match &stage.base {
        StageBase::Image { name } => Some(name.as_str()),
        _ => None,
    });
    let mut images: Vec<&str> = bases.collect();
    images.sort_unstable();
    images.dedup();
    images
}

fn node(target: usize, stage: u32) -> String {
    format!("t{target}s{stage}")
}

/// Writes all but plain characters as Mermaid's entity codes, so that no name ends its label, is
/// taken for HTML, or for an entity code of its own.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() || " ._-/:()@".contains(c) {
            escaped.push(c);
        } else {
            write!(escaped, "#{};", u32::from(c)).expect("writing to a string succeeds");
        }
    }
    escaped
}

fn line(graph: &mut String, indent: usize, text: &str) {
    writeln!(graph, "{:indent$}{text}", "").expect("writing to a string succeeds");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples::stage;

    #[test]
    fn targets_are_subgraphs_and_edges_say_what_they_carry() {
        let base = TargetPlan {
            name: "base".to_owned(),
            stages: vec![stage(0, "root", StageBase::Scratch, &[])],
            ..TargetPlan::default()
        };
        let image = StageBase::Image {
            name: "acme/base:1".to_owned(),
        };
        let app = TargetPlan {
            name: "app".to_owned(),
            depends_on: vec!["base".to_owned()],
            stages: vec![
                stage(0, "build", image, &[]),
                stage(1, "run", StageBase::Stage { index: 0 }, &[0]),
            ],
            ..TargetPlan::default()
        };
        let expected = "\
flowchart LR
  i0([\"acme/base:1\"])
  subgraph t0[\"base\"]
    t0s0[\"root (line 1)\"]
  end
  subgraph t1[\"app\"]
    t1s0[\"build (line 1)\"]
    t1s1[\"run (line 2)\"]
  end
  i0 --> t1s0
  t1s0 --> t1s1
  t1s0 -.-> t1s1
  t0 ==> t1
";
        let plan = PlanData {
            targets: vec![base, app],
        };
        assert_eq!(mermaid(&plan), expected);
    }

    #[test]
    fn a_name_cannot_leave_its_label() {
        let name = "a\"]; end\n<b>#quot;`é`";
        let escaped = "a#34;#93;#59; end#10;#60;b#62;#35;quot#59;#96;é#96;";
        assert_eq!(escape(name), escaped);
    }
}
