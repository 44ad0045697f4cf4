//! What is in the key of each `RUN` beside its text and its parent: variables, mounts, network.
//!
//! Follows the Dockerfile's frontend: within a stage the last `ARG` or `ENV` of a name wins; a stage
//! that starts from another one keeps its `ARG`s and sets its `ENV`s again. Build arguments that no
//! `ARG` declares, such as proxies, are seen by commands but are in no key.
//! Source: `dispatchArg`, `dispatchEnv` and `toDispatchState` in
//! frontend/dockerfile/dockerfile2llb/convert.go of github.com/moby/buildkit; tried on Engine 20.10.

use common::dockerfile::{ArgDeclaration, Detail, Run, expand};
use std::collections::{BTreeMap, HashMap};

use super::base_images::base_image;
use super::stages::{Base, NeededStage, Source, from_variables, needed_stages};
use crate::model::outcome::BaseImage;
use crate::model::plan::{NamedContext, Target};
use crate::model::step::{RunInputs, Step};

/// What the frontend sets where nothing else does. Source: `DefaultPathEnvUnix` in
/// util/system/path.go of github.com/moby/buildkit.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Puts into each `RUN` what is in its key. `bases` are the images that the Engine has.
///
/// The environment of other images is not known: it is left out, and a variable of theirs that a
/// value refers to stays as it is written.
pub(crate) fn add_run_inputs(
    steps: &mut [Step],
    target: &Target,
    bases: &BTreeMap<String, BaseImage>,
) {
    let mut by_line = run_inputs(target, bases);
    for step in steps
        .iter_mut()
        .filter(|step| step.name.starts_with("RUN "))
    {
        step.run = step.line.and_then(|line| by_line.remove(&line));
    }
}

fn run_inputs(target: &Target, bases: &BTreeMap<String, BaseImage>) -> HashMap<u32, RunInputs> {
    let globals = from_variables(target);
    let mut scopes: HashMap<usize, Scope> = HashMap::new();
    let mut inputs = HashMap::new();
    // A stage comes after those that it starts from.
    for stage in needed_stages(target) {
        let mut scope = Scope::at_start(&stage, &scopes, bases);
        for instruction in &target.dockerfile.stages[stage.index].instructions {
            match &instruction.detail {
                Detail::Arg(args) => {
                    for arg in args {
                        scope.declare(arg, target, &globals);
                    }
                }
                Detail::Env(pairs) => scope.set_env(pairs, target.dockerfile.escape),
                Detail::Run(run) => drop(inputs.insert(instruction.line, scope.inputs(run))),
                _ => {}
            }
        }
        scopes.insert(stage.index, scope);
    }
    inputs
}

/// The variables at one place of a stage.
#[derive(Clone, Debug, Default)]
struct Scope {
    variables: BTreeMap<String, Variable>,
    /// What `ENV` has set, which later stages get.
    env: BTreeMap<String, String>,
    /// Whether the image that it all starts from may have variables that are not known.
    has_unknown: bool,
}

#[derive(Clone, Debug)]
enum Variable {
    Arg(String),
    Env(String),
}

/// The image that a stage starts from. `None` when what it starts from has no name of its own.
fn image_name(source: &Source) -> Option<&String> {
    match source {
        Source::Image(name)
        | Source::Context {
            context: NamedContext::Image(name),
            ..
        } => Some(name),
        Source::Context { .. } => None,
    }
}

impl Scope {
    fn at_start(
        stage: &NeededStage,
        scopes: &HashMap<usize, Scope>,
        bases: &BTreeMap<String, BaseImage>,
    ) -> Self {
        let mut scope = match &stage.base {
            Base::Stage(index) => scopes.get(index).cloned().unwrap_or_default(),
            Base::Scratch => Self::default(),
            Base::Source(source) => match image_name(source).and_then(|n| base_image(n, bases)) {
                Some(image) => Self {
                    env: image.env.clone(),
                    ..Self::default()
                },
                None => Self {
                    has_unknown: true,
                    ..Self::default()
                },
            },
        };
        if !scope.has_unknown {
            let path = scope.env.entry("PATH".to_owned());
            path.or_insert_with(|| PATH.to_owned());
        }
        for (name, value) in &scope.env {
            let variable = Variable::Env(value.clone());
            scope.variables.insert(name.clone(), variable);
        }
        scope
    }

    /// Declares an argument, which gets the value that the target gives, else its default, else
    /// that of the global argument of its name. Without any it is no variable at all.
    fn declare(
        &mut self,
        arg: &ArgDeclaration,
        target: &Target,
        globals: &BTreeMap<String, String>,
    ) {
        let given = target.build_args.get(&arg.name).cloned();
        let default = || {
            let default = arg.default.as_deref();
            default.map(|default| self.expand(default, target.dockerfile.escape))
        };
        let global = || globals.get(&arg.name).cloned();
        if let Some(value) = given.or_else(default).or_else(global) {
            let variable = Variable::Arg(value);
            self.variables.insert(arg.name.clone(), variable);
        }
    }

    /// Sets variables, of which none sees the others of the same instruction.
    fn set_env(&mut self, pairs: &[(String, String)], escape: char) {
        let expanded = pairs.iter().map(|(name, value)| {
            let value = self.expand(value, escape);
            (self.expand(name, escape), value)
        });
        for (name, value) in expanded.collect::<Vec<_>>() {
            self.env.insert(name.clone(), value.clone());
            self.variables.insert(name, Variable::Env(value));
        }
    }

    /// A malformed word stays as written; the builder says what is wrong with it.
    fn expand(&self, word: &str, escape: char) -> String {
        let lookup = |name: &str| match self.variables.get(name) {
            Some(Variable::Arg(value) | Variable::Env(value)) => Some(value.clone()),
            None => self.has_unknown.then(|| format!("${name}")),
        };
        expand(word, escape, lookup).unwrap_or_else(|_| word.to_owned())
    }

    fn inputs(&self, run: &Run) -> RunInputs {
        let values = |flag: &'static str| {
            let flags = run.flags.iter().filter(move |known| known.name == flag);
            flags.filter_map(|flag| flag.value.clone())
        };
        let mut inputs = RunInputs {
            mounts: values("mount").collect(),
            network: values("network").next(),
            ..RunInputs::default()
        };
        for (name, variable) in &self.variables {
            let (kind, value) = match variable {
                Variable::Arg(value) => (&mut inputs.args, value),
                Variable::Env(value) => (&mut inputs.env, value),
            };
            kind.insert(name.clone(), value.clone());
        }
        inputs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(
        dockerfile: &str,
        args: &[(&str, &str)],
        bases: &BTreeMap<String, BaseImage>,
    ) -> HashMap<u32, RunInputs> {
        let mut target = Target::sample("app", dockerfile).with_args(args);
        target.platform = Some("linux/arm64".to_owned());
        run_inputs(&target, bases)
    }

    /// Variables as `NAME=value` in order; `PATH` as it always is left out.
    fn shown(variables: &BTreeMap<String, String>) -> Vec<String> {
        let own = variables.iter().filter(|(_, value)| *value != PATH);
        own.map(|(name, value)| format!("{name}={value}")).collect()
    }

    #[test]
    fn a_run_sees_what_the_engine_gave_it() {
        // The same Dockerfile on Engine 20.10, each `RUN` printing its environment, gave this.
        let dockerfile = "ARG G=global\nARG H\nFROM scratch AS b\nARG A=arg-base\nENV B=env-base\n\
            ENV C=env-c\nARG C=arg-c\nARG G\nARG U\nRUN 1\nFROM b AS c\nARG D=\"x $B y\"\n\
            ARG TARGETPLATFORM\nARG HTTP_PROXY\nRUN 2\nENV A=env-late\nRUN 3\n";
        let args = [
            ("H", "h"),
            ("HTTP_PROXY", "http://p"),
            ("FTP_PROXY", "f"),
            ("Z", "z"),
        ];
        let inputs = inputs(dockerfile, &args, &BTreeMap::new());
        assert_eq!(
            shown(&inputs[&10].args),
            ["A=arg-base", "C=arg-c", "G=global"]
        );
        assert_eq!(shown(&inputs[&10].env), ["B=env-base"]);
        assert_eq!(inputs[&10].env["PATH"], PATH);
        assert_eq!(
            shown(&inputs[&15].args),
            [
                "A=arg-base",
                "D=x env-base y",
                "G=global",
                "HTTP_PROXY=http://p",
                "TARGETPLATFORM=linux/arm64"
            ]
        );
        assert_eq!(shown(&inputs[&15].env), ["B=env-base", "C=env-c"]);
        assert!(!inputs[&17].args.contains_key("A"));
        assert_eq!(
            shown(&inputs[&17].env),
            ["A=env-late", "B=env-base", "C=env-c"]
        );
    }

    #[test]
    fn a_given_argument_wins_over_its_default_and_an_argument_counts_only_after_its_declaration() {
        let dockerfile = "FROM scratch\nRUN 1\nARG V=1 W=$V\nRUN 2\n";
        let inputs = inputs(dockerfile, &[("V", "7")], &BTreeMap::new());
        assert_eq!(shown(&inputs[&2].args), [""; 0]);
        assert_eq!(shown(&inputs[&4].args), ["V=7", "W=7"]);
    }

    #[test]
    fn the_environment_of_an_image_counts_where_it_is_known() {
        let dockerfile = "FROM tools\nENV PATH=/opt:$PATH\nRUN make\n";
        let image = BaseImage {
            id: String::new(),
            env: BTreeMap::from([("PATH".to_owned(), "/bin".to_owned())]),
        };
        let bases = BTreeMap::from([("docker.io/library/tools:latest".to_owned(), image)]);
        let known = inputs(dockerfile, &[], &bases);
        assert_eq!(shown(&known[&3].env), ["PATH=/opt:/bin"]);
        let unknown = inputs(dockerfile, &[], &BTreeMap::new());
        assert_eq!(shown(&unknown[&3].env), ["PATH=/opt:$PATH"]);
    }

    #[test]
    fn mounts_and_network_are_as_written() {
        let dockerfile = "FROM scratch\nRUN --mount=type=cache,target=/c --network=none \
            --mount=target=/src make\n";
        let inputs = &inputs(dockerfile, &[], &BTreeMap::new())[&2];
        assert_eq!(inputs.mounts, ["type=cache,target=/c", "target=/src"]);
        assert_eq!(inputs.network.as_deref(), Some("none"));
    }

    #[test]
    fn only_a_run_of_the_dockerfile_gets_inputs() {
        let target = Target::sample("app", "FROM scratch\nCOPY a a\nRUN make\n");
        let step = |name: &str, line| Step {
            line,
            ..Step::sample("id", name, (0, 1))
        };
        let mut steps = [
            step("COPY a a", Some(2)),
            step("RUN make", Some(3)),
            step("RUN of the image", None),
        ];
        add_run_inputs(&mut steps, &target, &BTreeMap::new());
        assert_eq!(steps.map(|step| step.run.is_some()), [false, true, false]);
    }
}
