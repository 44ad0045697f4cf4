//! The subcommand `validate`.

use common::app;
use common::clock;
use common::engine::Engine;
use common::error::CommandError;
use common::exit::Exit;
use common::pipe::Received;
use common::report::{
    BuildData, EngineInfo, ImageValidation, Input, Report, Severity, ValidationData,
};
use common::terminal::Printer;

use crate::analysis::image_checks::{HeldTerms, RULES, held_terms, image_checks};
use crate::cli::validate::{CheckArgs, FailOn, ValidateArgs};
use crate::execute::examine::{ExamineError, StartOptions, examine};
use crate::input::contract::{ContractError, read_contract};
use crate::model::contract::{Contract, Terms};
use crate::model::image::{BuiltImage, Examined};
use crate::render;
use crate::report::tool;
use crate::report::validation::{Subject, built_subjects, image_validation, verdict};

pub(super) fn validate(args: ValidateArgs, printer: &Printer) -> Result<Exit, CommandError> {
    if args.rules {
        printer.print_document(&render::validation::rules(&RULES))?;
        return Ok(Exit::Ok);
    }
    let received = app::receive(&args.input.input, printer)?;
    let builds: Vec<Report<BuildData>> = received.decode()?;
    if args.images.is_empty() && builds.is_empty() {
        return Err(nothing_to_validate());
    }
    let built = built_subjects(&builds);
    let subjects = if args.images.is_empty() {
        built.clone()
    } else {
        let named = args.images.into_iter();
        named.map(|image| Subject { image, plan: None }).collect()
    };
    if subjects.is_empty() {
        printer.warning("no target of the build reports has an image");
    }
    let host = args.engine.host.as_deref();
    let report = validation(&received, &subjects, &built, &args.checks, host, printer)?;
    printer.print_report(
        &args.output,
        &received,
        &report,
        render::validation::document,
    )?;
    Ok(report.verdict.into())
}

/// Checks images. `built` are those of the build reports, where the target of an image that was
/// named is looked for.
pub(super) fn validation(
    received: &Received,
    subjects: &[Subject],
    built: &[Subject],
    args: &CheckArgs,
    host: Option<&str>,
    printer: &Printer,
) -> Result<Report<ValidationData>, CommandError> {
    let created_at = clock::created_at()?;
    let contract = match &args.contract {
        Some(path) => read_contract(path)?,
        None => Contract::default(),
    };
    let known = |index: usize, image: &BuiltImage| with_origin(&subjects[index], built, image);
    let terms = |index, image: &BuiltImage| held(&contract, &known(index, image), image).terms;
    let names: Vec<String> = subjects.iter().map(|one| one.image.clone()).collect();
    let (engine, examined) = examined(host, &names, args, &terms)?;
    let (mut images, mut findings, mut is_whole) = (Vec::new(), Vec::new(), true);
    for (index, examined) in examined.into_iter().enumerate() {
        if matches!(examined, Err(ExamineError::Interrupted)) {
            is_whole = false;
            continue;
        }
        let examined = examined?;
        let subject = known(index, &examined.image);
        let held = held(&contract, &subject, &examined.image);
        let checks = image_checks(&examined, &held.terms);
        let (image, found) = image_validation(&subject, &examined, held, &checks);
        images.push(image);
        findings.extend(found);
    }
    warn_of_unused(&contract, &images, printer);
    let verdict = verdict(&findings, least(args.fail_on), is_whole);
    let contract_path = args
        .contract
        .as_ref()
        .map(|path| path.display().to_string());
    let inputs = inputs(received, contract_path.as_deref(), &images);
    let data = ValidationData {
        engine,
        contract_path,
        images,
    };
    Ok(Report::new(
        tool(),
        created_at,
        verdict,
        inputs,
        findings,
        data,
    ))
}

fn examined(
    host: Option<&str>,
    names: &[String],
    args: &CheckArgs,
    terms: &dyn Fn(usize, &BuiltImage) -> Terms,
) -> Result<(EngineInfo, Vec<Result<Examined, ExamineError>>), CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(CommandError::input)?;
    let start = StartOptions {
        is_wanted: !args.no_start,
        timeout: args.start_timeout,
    };
    runtime.block_on(async {
        let engine = Engine::connect(host).await?;
        let examined = examine(&engine, names, start, terms).await;
        Ok((engine.info, examined))
    })
}

/// The last build of an image is the one whose lines are in the files now.
fn with_origin(subject: &Subject, built: &[Subject], image: &BuiltImage) -> Subject {
    if subject.plan.is_some() {
        return subject.clone();
    }
    let origin = built.iter().rev().find(|built| built.image == image.id);
    Subject {
        plan: origin.and_then(|origin| origin.plan.clone()),
        ..subject.clone()
    }
}

fn held(contract: &Contract, subject: &Subject, image: &BuiltImage) -> HeldTerms {
    let stage = subject.stage();
    held_terms(contract, &image.tags, subject.target(), stage.as_deref())
}

fn least(fail_on: FailOn) -> Severity {
    match fail_on {
        FailOn::Error => Severity::Error,
        FailOn::Warning => Severity::Warning,
    }
}

/// A promise that no image is held to is perhaps one that is misspelt.
fn warn_of_unused(contract: &Contract, images: &[ImageValidation], printer: &Printer) {
    for section in &contract.sections {
        let name = format!("{}.{}", section.scope.key(), section.name);
        if !images.iter().any(|image| image.contracts.contains(&name)) {
            let line = section.line;
            printer.warning(format!(
                "line {line} of the contract: `{name}` is no image's"
            ));
        }
    }
}

fn inputs(received: &Received, contract: Option<&str>, images: &[ImageValidation]) -> Vec<Input> {
    let input = |kind: &str, id: &str| Input {
        kind: kind.to_owned(),
        id: id.to_owned(),
    };
    let mut inputs = received.to_inputs();
    inputs.extend(contract.map(|path| input("contract", path)));
    inputs.extend(images.iter().map(|image| input("image", &image.id)));
    inputs
}

fn nothing_to_validate() -> CommandError {
    CommandError::usage("there is nothing to validate: no IMAGE is named, and no build report read")
        .hint("name an image, or pipe `build-orchestrator build` here")
}

impl From<ContractError> for CommandError {
    fn from(error: ContractError) -> Self {
        Self::input(error)
    }
}

impl From<ExamineError> for CommandError {
    fn from(error: ExamineError) -> Self {
        Self::input(error)
    }
}
