//! The subcommand `monitor`.

use common::clock;
use common::engine::Engine;
use common::error::CommandError;
use common::exit::Exit;
use common::pipe::{Received, json_line};
use common::render::table::{self, Width};
use common::report::{MonitorEnd, Report, ResourceSample};
use common::terminal::Printer;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::analysis::usage::cpus;
use crate::cli::monitor::MonitorArgs;
use crate::execute::monitor::screen::Screen;
use crate::execute::monitor::{End, MonitorOptions, monitor as follow, serve};
use crate::input::containers::{Choice, ContainersError, PROJECT_LABEL};
use crate::model::container::{Container, Health};
use crate::model::usage::{History, Reading, Seen};
use crate::render;
use crate::report::resources::{Monitored, resource_data, sample, verdict};
use crate::report::tool;

pub(super) fn monitor(args: &MonitorArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let received = Received::read_files(&args.input.input)?;
    let samples = args.samples.as_deref().map(Samples::create).transpose()?;
    let choice = choice(args);
    let mut watch = Watch {
        screen: Screen::new(printer),
        printer,
        samples,
        histories: BTreeMap::new(),
        latest: Arc::default(),
        error: None,
    };
    let monitored = run(args, &choice, &mut watch);
    watch.screen.clear();
    let monitored = monitored?;
    if let Some(error) = watch.error {
        return Err(error);
    }
    let ended_by = monitored.ended_by;
    let histories: Vec<History> = watch.histories.into_values().collect();
    let (data, findings) = resource_data(&histories, monitored);
    let report = Report::new(
        tool(),
        clock::created_at()?,
        verdict(ended_by),
        received.to_inputs(),
        findings,
        data,
    );
    printer.print_report(
        &args.output,
        &received,
        &report,
        render::resources::document,
    )?;
    Ok(match ended_by {
        MonitorEnd::EngineLost => Exit::Unavailable,
        _ => Exit::Ok,
    })
}

fn choice(args: &MonitorArgs) -> Choice {
    let project = args.project.iter();
    let mut labels: Vec<String> = project
        .map(|name| format!("{PROJECT_LABEL}={name}"))
        .collect();
    labels.extend(args.label.iter().cloned());
    Choice {
        names: args.containers.clone(),
        labels,
    }
}

fn run(
    args: &MonitorArgs,
    choice: &Choice,
    watch: &mut Watch<'_>,
) -> Result<Monitored, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(CommandError::input)?;
    runtime.block_on(async {
        let engine = Engine::connect(args.engine.host.as_deref()).await?;
        if let Some(address) = args.metrics_listen {
            watch.serve(address).await?;
        }
        let options = MonitorOptions {
            interval_s: args.interval,
            duration: args.duration,
            waits_for_more: args.metrics_listen.is_some(),
        };
        let ended = follow(&engine, choice, options, &mut |at_ms, seen| {
            watch.take(at_ms, seen);
        })
        .await?;
        Ok(Monitored {
            engine: engine.info,
            names: choice.names.clone(),
            labels: choice.labels.clone(),
            interval_ms: args.interval * 1000,
            duration_ms: ended.duration_ms,
            ended_by: match ended.by {
                End::Interrupted => MonitorEnd::Interrupted,
                End::TimeOver => MonitorEnd::TimeOver,
                End::AllGone => MonitorEnd::AllGone,
                End::EngineLost(reason) => {
                    watch.printer.warning(format_args!(
                        "the Engine does not answer any longer: {reason}"
                    ));
                    MonitorEnd::EngineLost
                }
            },
        })
    })
}

/// Takes up what is seen and passes it on to all views.
struct Watch<'a> {
    screen: Screen<'a>,
    printer: &'a Printer,
    samples: Option<Samples>,
    histories: BTreeMap<String, History>,
    /// The last sample of each container that runs, by id.
    latest: Arc<Mutex<BTreeMap<String, ResourceSample>>>,
    /// Why samples could not be written.
    error: Option<CommandError>,
}

impl Watch<'_> {
    async fn serve(&self, address: std::net::SocketAddr) -> Result<(), CommandError> {
        let latest = self.latest.clone();
        let page = Arc::new(move || render::metrics::text(&sorted(&latest)));
        let address = serve::serve(address, page).await.map_err(|error| {
            CommandError::input(format!("failed to listen at `{address}`: {error}"))
        })?;
        self.screen
            .line(&format!("metrics are at http://{address}/metrics"));
        Ok(())
    }

    fn take(&mut self, at_ms: u64, seen: Seen) {
        match seen {
            Seen::Container(container) => self.container(*container, at_ms),
            Seen::Reading(id, reading) => self.reading(&id, &reading),
            Seen::OomKill(id) => {
                if let Some(history) = self.histories.get_mut(&id) {
                    history.count_oom_kill();
                    let name = &history.container.name;
                    self.screen
                        .line(&format!("[{name}] killed for want of memory"));
                }
            }
            Seen::Removed(id) => {
                if let Some(history) = self.histories.get_mut(&id) {
                    history.is_removed = true;
                }
                self.forget(&id);
            }
        }
    }

    fn container(&mut self, container: Container, at_ms: u64) {
        let id = container.id.clone();
        let is_running = container.is_running;
        let before = self.histories.get(&id).map(|history| &history.container);
        for line in changes(before, &container) {
            self.screen.line(&format!("[{}] {line}", container.name));
        }
        match self.histories.get_mut(&id) {
            Some(history) => history.see(container, at_ms),
            None => drop(
                self.histories
                    .insert(id.clone(), History::new(container, at_ms)),
            ),
        }
        if !is_running {
            self.forget(&id);
        }
    }

    fn reading(&mut self, id: &str, reading: &Reading) {
        let Some(history) = self.histories.get_mut(id) else {
            return;
        };
        let cpus = history.last.as_ref().and_then(|last| cpus(last, reading));
        history.read(reading.clone(), cpus);
        let sample = sample(history, reading, cpus);
        if let Some(samples) = &mut self.samples {
            let written = samples.write(&sample, self.printer);
            self.error = self.error.take().or(written.err());
        }
        lock(&self.latest).insert(id.to_owned(), sample);
        self.draw();
    }

    fn forget(&self, id: &str) {
        lock(&self.latest).remove(id);
        self.draw();
    }

    fn draw(&self) {
        self.screen.draw(|| {
            let document = render::resources::live(&sorted(&self.latest));
            table::write(&document, Width::Terminal, false)
        });
    }
}

type Latest = Mutex<BTreeMap<String, ResourceSample>>;

fn lock(latest: &Latest) -> std::sync::MutexGuard<'_, BTreeMap<String, ResourceSample>> {
    latest.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The samples in the order of the containers' names.
fn sorted(latest: &Latest) -> Vec<ResourceSample> {
    let mut samples: Vec<ResourceSample> = lock(latest).values().cloned().collect();
    samples.sort_by(|a, b| a.container.cmp(&b.container));
    samples
}

/// What is worth a line about a container that was seen again, or for the first time.
fn changes(before: Option<&Container>, now: &Container) -> Vec<String> {
    let mut lines = Vec::new();
    let was_running = before.is_some_and(|before| before.is_running);
    match before {
        Some(before) if was_running && now.started_at != before.started_at => {
            lines.push("started again".to_owned());
        }
        _ if now.is_running && !was_running => lines.push("runs".to_owned()),
        _ if was_running && !now.is_running => {
            lines.push(format!("ended with {}", now.exit_code));
        }
        _ => {}
    }
    if before.is_some_and(|before| before.health != now.health) {
        lines.extend(now.health.map(|health| {
            match health {
                Health::Starting => "health check begins",
                Health::Healthy => "is healthy",
                Health::Unhealthy => "is unhealthy",
            }
            .to_owned()
        }));
    }
    lines
}

/// Where samples go.
enum Samples {
    File(fs_err::File),
    Stdout,
}

impl Samples {
    fn create(path: &Path) -> Result<Self, CommandError> {
        if path == Path::new("-") {
            return Ok(Self::Stdout);
        }
        let file = fs_err::File::create(path).map_err(CommandError::input)?;
        Ok(Self::File(file))
    }

    fn write(&mut self, sample: &ResourceSample, printer: &Printer) -> Result<(), CommandError> {
        let line = json_line(sample);
        match self {
            Self::File(file) => file.write_all(line.as_bytes()).map_err(CommandError::input),
            Self::Stdout => printer.print(&line),
        }
    }
}

impl From<ContainersError> for CommandError {
    fn from(error: ContainersError) -> Self {
        match error {
            ContainersError::Missing { .. } => Self::input(error),
            ContainersError::Engine(_) => Self::unavailable(error),
        }
    }
}
