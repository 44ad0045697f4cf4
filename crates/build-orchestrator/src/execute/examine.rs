//! Finds out about images what checks need: configuration, files, and how they start.

use bollard::Docker;
use bollard::errors::Error as ApiError;
use bollard::models::ContainerCreateBody;
use common::engine::Engine;
use futures_util::{StreamExt, TryStreamExt};
use std::io;
use std::time::Duration;
use tokio_util::io::{StreamReader, SyncIoBridge};

use super::container::with_container;
use super::interrupt::Interrupt;
use super::start_check::start_check;
use crate::input::image::config::built_image;
use crate::input::image::files::read_files;
use crate::model::contract::{StartTerm, Terms};
use crate::model::image::{BuiltImage, Examined, ImageFiles, Started};

/// How many images are examined at once.
///
/// Chosen: most of the time is spent waiting for containers to settle.
const PARALLEL_MAX: usize = 4;

/// How images are started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StartOptions {
    /// Whether they are started at all.
    pub(crate) is_wanted: bool,
    /// How long one may take whose contract does not say.
    pub(crate) timeout: Duration,
}

/// Why an image could not be examined.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExamineError {
    /// There is none of that name.
    #[error("there is no image `{name}` in the Engine at `{endpoint}`")]
    NotFound {
        /// The name or id.
        name: String,
        /// Where it was sought.
        endpoint: String,
    },
    /// The Engine does not do what it is asked.
    #[error("the Engine failed on an image or a container of it")]
    Api(#[from] ApiError),
    /// What the Engine exports is not whole.
    #[error("failed to read the files of an image")]
    Files(#[source] io::Error),
    /// The user wants it to end.
    #[error("interrupted")]
    Interrupted,
}

/// Examines images, by name or id, in their order; `terms` are those of the image at a place. What
/// was examined before Ctrl-C or SIGTERM is kept: the containers are removed, and the rest is
/// `Interrupted`.
pub(crate) async fn examine(
    engine: &Engine,
    names: &[String],
    start: StartOptions,
    terms: &dyn Fn(usize, &BuiltImage) -> Terms,
) -> Vec<Result<Examined, ExamineError>> {
    let interrupt = Interrupt::listen();
    let examination = Examination {
        engine,
        start,
        interrupt: &interrupt,
    };
    let examined = names.iter().enumerate().map(|(index, name)| {
        let terms = move |image: &BuiltImage| terms(index, image);
        examination.image(name, terms)
    });
    futures_util::stream::iter(examined)
        .buffered(PARALLEL_MAX)
        .collect()
        .await
}

struct Examination<'a> {
    engine: &'a Engine,
    start: StartOptions,
    interrupt: &'a Interrupt,
}

impl Examination<'_> {
    async fn image(
        &self,
        name: &str,
        terms: impl Fn(&BuiltImage) -> Terms,
    ) -> Result<Examined, ExamineError> {
        let image = self.inspect(name).await?;
        let terms = terms(&image);
        let files = self.files(&image).await?;
        let start = self.start(&image, &terms).await?;
        Ok(Examined {
            image,
            files,
            start,
        })
    }

    async fn inspect(&self, name: &str) -> Result<BuiltImage, ExamineError> {
        match self.engine.api.inspect_image(name).await {
            Ok(inspected) => Ok(built_image(inspected)),
            Err(ApiError::DockerResponseServerError {
                status_code: 404, ..
            }) => Err(ExamineError::NotFound {
                name: name.to_owned(),
                endpoint: self.engine.endpoint.to_string(),
            }),
            Err(error) => Err(error.into()),
        }
    }

    /// The files of a container that is made and never started: whiteouts are applied there.
    async fn files(&self, image: &BuiltImage) -> Result<ImageFiles, ExamineError> {
        let config = ContainerCreateBody {
            image: Some(image.id.clone()),
            // An image without a command makes no container; this one is not run.
            cmd: Some(vec!["-".to_owned()]),
            ..ContainerCreateBody::default()
        };
        let api = &self.engine.api;
        with_container(api, config, async |id| {
            tokio::select! {
                () = self.interrupt.raised() => Err(ExamineError::Interrupted),
                files = export(api, id) => files,
            }
        })
        .await
    }

    async fn start(
        &self,
        image: &BuiltImage,
        terms: &Terms,
    ) -> Result<Option<Started>, ExamineError> {
        let platform = format!("{}/{}", image.os, image.architecture);
        let is_startable = self.start.is_wanted
            && terms.start != Some(StartTerm::Never)
            && !image.command.is_empty()
            && platform == self.engine.info.platform;
        if !is_startable {
            return Ok(None);
        }
        let timeout = self.start.timeout;
        let interrupted = self.interrupt.raised();
        let started = start_check(&self.engine.api, image, terms, timeout, interrupted).await?;
        started.map(Some).ok_or(ExamineError::Interrupted)
    }
}

async fn export(api: &Docker, id: &str) -> Result<ImageFiles, ExamineError> {
    let stream = api.export_container(id).map_err(io::Error::other).boxed();
    let reader = SyncIoBridge::new(StreamReader::new(stream));
    let read = tokio::task::spawn_blocking(move || read_files(reader)).await;
    read.map_err(io::Error::other)
        .flatten()
        .map_err(ExamineError::Files)
}
