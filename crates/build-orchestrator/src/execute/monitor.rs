//! Follows containers: which there are, what they use, and what happens to them.
//!
//! What is made of that, and how it is shown, is decided by whoever listens.

pub(crate) mod screen;
pub(crate) mod serve;

use bollard::errors::Error as ApiError;
use bollard::models::EventMessage;
use bollard::query_parameters::{EventsOptions, StatsOptions};
use common::engine::Engine;
use futures_util::{Stream, StreamExt};
use std::collections::{BTreeMap, HashMap};
use std::pin::Pin;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::clock::Clock;
use super::interrupt::Interrupt;
use crate::input::containers::{Choice, ContainersError, container, containers, running};
use crate::input::stats;
use crate::model::container::Container;
use crate::model::usage::{Reading, Seen};

/// How often all containers are looked at, whatever the Engine says has happened.
///
/// Chosen: it only makes up for what happened before the Engine began to tell.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);

/// For how long no container may run before all count as gone.
///
/// Chosen: a container that is restarted or replaced is not running for about a second.
const GONE_AFTER: Duration = Duration::from_secs(2);

/// How many readings may wait to be taken up.
///
/// Chosen: some seconds' worth of a large project.
const READINGS_MAX: usize = 1000;

/// How to follow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MonitorOptions {
    /// Of how many of the Engine's readings, one a second, one is taken. At least 1.
    pub(crate) interval_s: u64,
    /// When to end. `None` leaves it to the user and the containers.
    pub(crate) duration: Option<Duration>,
    /// Whether to go on when no container runs any longer.
    pub(crate) waits_for_more: bool,
}

/// Why it ended, and after how many milliseconds.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Why it ended.
    pub(crate) by: End,
    /// For how long was looked.
    pub(crate) duration_ms: u64,
}

/// Why it ended.
#[derive(Debug)]
pub(crate) enum End {
    /// The user ended it.
    Interrupted,
    /// The time was over.
    TimeOver,
    /// No container ran any longer.
    AllGone,
    /// The Engine did not answer any longer.
    EngineLost(String),
}

/// Follows containers until something ends it, and tells `sink` what was seen and when, in
/// milliseconds since the start.
///
/// # Errors
///
/// The Engine cannot say which containers are meant, or there is none of a name.
pub(crate) async fn monitor(
    engine: &Engine,
    choice: &Choice,
    options: MonitorOptions,
    sink: &mut dyn FnMut(u64, Seen),
) -> Result<Ended, ContainersError> {
    let (send, readings) = mpsc::channel(READINGS_MAX);
    let mut follower = Follower {
        engine,
        choice,
        options,
        clock: Clock::start(),
        followed: BTreeMap::new(),
        was_any_seen: false,
        gone_since: None,
        send,
        sink,
    };
    let interrupt = Interrupt::listen();
    let events = Box::pin(engine.api.events(Some(events_options(choice))));
    for container in containers(&engine.api, choice).await? {
        follower.see(container);
    }
    follower.note_gone();
    let by = follower.run(events, readings, &interrupt).await;
    Ok(Ended {
        by: by.unwrap_or_else(|error| End::EngineLost(error.to_string())),
        duration_ms: follower.clock.now_ms(),
    })
}

type Events = Pin<Box<dyn Stream<Item = Result<EventMessage, ApiError>> + Send>>;

struct Follower<'a> {
    engine: &'a Engine,
    choice: &'a Choice,
    options: MonitorOptions,
    clock: Clock,
    /// The containers that were not removed, by id, with what reads their counters.
    followed: BTreeMap<String, Followed>,
    /// Whether there has been a container at all.
    was_any_seen: bool,
    /// Since when no container has been running.
    gone_since: Option<Instant>,
    send: mpsc::Sender<(String, Reading)>,
    sink: &'a mut dyn FnMut(u64, Seen),
}

struct Followed {
    is_alive: bool,
    /// `None` while it does not run.
    reader: Option<JoinHandle<()>>,
}

impl Drop for Followed {
    fn drop(&mut self) {
        if let Some(reader) = &self.reader {
            reader.abort();
        }
    }
}

impl Follower<'_> {
    async fn run(
        &mut self,
        mut events: Events,
        mut readings: mpsc::Receiver<(String, Reading)>,
        interrupt: &Interrupt,
    ) -> Result<End, ApiError> {
        let started = Instant::now();
        let end = self.options.duration.map(|duration| started + duration);
        let mut looks = tokio::time::interval(LOOK_INTERVAL);
        loop {
            let gone = self.gone_since.map(|since| since + GONE_AFTER);
            let gone = gone.filter(|_| !self.options.waits_for_more);
            tokio::select! {
                () = interrupt.raised() => return Ok(End::Interrupted),
                () = until(end) => return Ok(End::TimeOver),
                () = until(gone) => return Ok(End::AllGone),
                _ = looks.tick() => self.look().await?,
                event = events.next() => match event {
                    Some(event) => self.event(&event?).await?,
                    None => return Ok(End::EngineLost("it ended its stream of events".to_owned())),
                },
                Some((id, reading)) = readings.recv() => self.tell(Seen::Reading(id, reading)),
            }
        }
    }

    /// Looks at all containers that are meant or were seen.
    async fn look(&mut self) -> Result<(), ApiError> {
        let mut ids: Vec<String> = self.followed.keys().cloned().collect();
        if self.choice.names.is_empty() {
            let running = running(&self.engine.api, self.choice).await?;
            let is_new = |id: &String| !self.followed.contains_key(id);
            ids.extend(running.into_iter().filter(is_new));
        }
        for id in ids {
            self.look_at(&id).await?;
        }
        Ok(())
    }

    async fn look_at(&mut self, id: &str) -> Result<(), ApiError> {
        match container(&self.engine.api, id).await? {
            Some(container) => self.see(container),
            None if self.followed.remove(id).is_some() => self.tell(Seen::Removed(id.to_owned())),
            None => {}
        }
        self.note_gone();
        Ok(())
    }

    fn see(&mut self, container: Container) {
        self.was_any_seen = true;
        let followed = self
            .followed
            .entry(container.id.clone())
            .or_insert(Followed {
                is_alive: false,
                reader: None,
            });
        followed.is_alive = container.is_running || container.is_restarting;
        match &followed.reader {
            Some(reader) if !container.is_running => {
                reader.abort();
                followed.reader = None;
            }
            Some(reader) if !reader.is_finished() => {}
            _ if container.is_running => {
                let read = read(
                    self.engine.clone(),
                    container.id.clone(),
                    self.clock,
                    self.options.interval_s,
                    self.send.clone(),
                );
                followed.reader = Some(tokio::spawn(read));
            }
            _ => {}
        }
        self.tell(Seen::Container(Box::new(container)));
    }

    fn note_gone(&mut self) {
        let is_any_alive = self.followed.values().any(|followed| followed.is_alive);
        self.gone_since = match self.gone_since {
            _ if is_any_alive => None,
            Some(since) => Some(since),
            // Nothing is gone as long as nothing came.
            None => self.was_any_seen.then(Instant::now),
        };
    }

    async fn event(&mut self, event: &EventMessage) -> Result<(), ApiError> {
        let action = event.action.as_deref().unwrap_or_default();
        let id = event.actor.as_ref().and_then(|actor| actor.id.as_deref());
        // Health checks are executions, of which there may be one a second.
        let Some(id) = id.filter(|_| !action.starts_with("exec_")) else {
            return Ok(());
        };
        self.look_at(id).await?;
        if action == "oom" {
            self.tell(Seen::OomKill(id.to_owned()));
        }
        Ok(())
    }

    fn tell(&mut self, seen: Seen) {
        (self.sink)(self.clock.now_ms(), seen);
    }
}

/// Waits until a time that may never come.
async fn until(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// Reads a container's counters as long as the Engine sends them.
async fn read(
    engine: Engine,
    id: String,
    clock: Clock,
    interval_s: u64,
    send: mpsc::Sender<(String, Reading)>,
) {
    let options = StatsOptions {
        stream: true,
        one_shot: false,
    };
    let mut stats = Box::pin(engine.api.stats(&id, Some(options)));
    let mut count = 0_u64;
    while let Some(Ok(stats)) = stats.next().await {
        let Some(reading) = stats::reading(&stats, clock.now_ms()) else {
            continue;
        };
        if count.is_multiple_of(interval_s) && send.send((id.clone(), reading)).await.is_err() {
            return;
        }
        count += 1;
    }
}

/// Events of the containers that are meant.
fn events_options(choice: &Choice) -> EventsOptions {
    let mut filters = HashMap::from([("type".to_owned(), vec!["container".to_owned()])]);
    if !choice.names.is_empty() {
        filters.insert("container".to_owned(), choice.names.clone());
    }
    if !choice.labels.is_empty() {
        filters.insert("label".to_owned(), choice.labels.clone());
    }
    EventsOptions {
        filters: Some(filters),
        ..EventsOptions::default()
    }
}
