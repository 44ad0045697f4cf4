//! Reads the layers of planned images, several at a time, and checks their digests.

use std::collections::{HashMap, HashSet};
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::blobs::{BlobError, Blobs, Place, Reading};
use super::digest;
use super::image_error::ImageError;
use super::layer_tar::Depth;
use super::limits::{Budget, LimitError};
use super::plan::{PlannedImage, PlannedLayer};
use crate::model::image::{HistoryEntry, Image, Layer};

/// How many bytes are read to check digests where nobody asked for it.
///
/// Chosen: SHA-256 of them takes a second or so on one core.
const AUTO_BYTES_MAX: u64 = 1_000_000_000;

/// When all bytes of layers are read, and not only the headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Verification {
    /// Up to a gigabyte, and whatever streams.
    #[default]
    Auto,
    Always,
    Never,
}

impl Verification {
    /// How much of layers is read that stream, or are `bytes` together.
    pub(crate) fn depth(self, bytes: Option<u64>) -> Depth {
        match (self, bytes) {
            (Self::Never, _) => Depth::Structure,
            (Self::Auto, Some(bytes)) if bytes > AUTO_BYTES_MAX => Depth::Structure,
            _ => Depth::Content,
        }
    }
}

/// Reads all layers of images, each once, and names the images `name`.
///
/// # Errors
///
/// A layer is not there, is broken, or has another digest than it should have.
pub(crate) fn read_planned(
    blobs: &dyn Blobs,
    budget: &Budget,
    verification: Verification,
    planned: Vec<PlannedImage>,
    name: &str,
) -> Result<Vec<Image>, ImageError> {
    let mut layers = read_layers(blobs, budget, verification, &planned)?;
    let images = planned.into_iter().map(|planned| {
        let image_layers = planned.layers.iter();
        let image_layers = image_layers.map(|layer| layers.take(layer));
        let image_layers: Vec<Arc<Layer>> = image_layers.collect::<Result<_, _>>()?;
        // A layer that an image has often is kept once, but looked at each time.
        let entry_count = image_layers.iter().map(|layer| layer.entries.len() as u64);
        if entry_count.sum::<u64>() > budget.limits.entry_count {
            return Err(LimitError::Entries(budget.limits.entry_count).into());
        }
        Ok(image(planned, image_layers, name))
    });
    images.collect()
}

fn image(planned: PlannedImage, layers: Vec<Arc<Layer>>, name: &str) -> Image {
    let platform = planned.config.platform();
    let history = planned.config.history.unwrap_or_default();
    let history = history.into_iter().map(|line| HistoryEntry {
        created_by: line.created_by,
        is_empty_layer: line.empty_layer,
    });
    Image {
        name: name.to_owned(),
        id: planned.id,
        engine_id: None,
        tags: planned.tags,
        platform,
        settings: planned.config.settings,
        created: planned.config.created,
        history: history.collect(),
        layers,
    }
}

/// Layers that were read.
struct ReadLayers {
    /// By the names that images have for them, where they are.
    places: HashMap<String, String>,
    /// By the names of places.
    results: HashMap<String, Result<Checked, BlobError>>,
}

/// A layer with the digests that were found.
struct Checked {
    layer: Arc<Layer>,
    digest: Option<String>,
    diff_id: Option<String>,
}

impl ReadLayers {
    /// The layer that an image has.
    fn take(&mut self, planned: &PlannedLayer) -> Result<Arc<Layer>, ImageError> {
        let name = &planned.name;
        let place = &self.places[name];
        let missing = || BlobError::Missing { name: name.clone() };
        let result = self.results.get(place).ok_or_else(missing)?;
        let Ok(read) = result else {
            let error = self.results.remove(place).and_then(Result::err);
            return Err(error.unwrap_or_else(missing).into());
        };
        if let (Some(expected), Some(found)) = (&planned.digest, &read.digest) {
            digest::check(name, expected, found)?;
        }
        let found = read.diff_id.as_ref().unwrap_or(&read.layer.diff_id);
        digest::check(name, &planned.diff_id, found)?;
        Ok(Arc::clone(&read.layer))
    }
}

fn read_layers(
    blobs: &dyn Blobs,
    budget: &Budget,
    verification: Verification,
    planned: &[PlannedImage],
) -> Result<ReadLayers, ImageError> {
    let mut places = HashMap::new();
    let mut met = HashSet::new();
    let mut distinct: Vec<(Place, &PlannedLayer)> = Vec::new();
    for layer in planned.iter().flat_map(|image| &image.layers) {
        if places.contains_key(&layer.name) {
            continue;
        }
        let place = blobs.place(&layer.name)?;
        places.insert(layer.name.clone(), place.name.clone());
        if met.insert(place.name.clone()) {
            distinct.push((place, layer));
        }
    }
    let bytes: u64 = distinct
        .iter()
        .filter_map(|(place, _)| place.size_bytes)
        .sum();
    // The largest first: it would be waited for at the end.
    distinct.sort_by_key(|(place, _)| std::cmp::Reverse(place.size_bytes));
    let depth = verification.depth(Some(bytes));
    let results = read_all(blobs, Reading { depth, budget }, &distinct);
    Ok(ReadLayers { places, results })
}

/// Reads layers on as many threads as there are cores. All are read even if one fails, so that the
/// error does not depend on which was first.
fn read_all(
    blobs: &dyn Blobs,
    reading: Reading,
    layers: &[(Place, &PlannedLayer)],
) -> HashMap<String, Result<Checked, BlobError>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(HashMap::with_capacity(layers.len()));
    let work = || {
        while let Some((place, planned)) = layers.get(next.fetch_add(1, Relaxed)) {
            let result = read_one(blobs, reading, planned);
            let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
            results.insert(place.name.clone(), result);
        }
    };
    let thread_count = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 1..thread_count.min(layers.len()) {
            scope.spawn(work);
        }
        work();
    });
    results.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn read_one(
    blobs: &dyn Blobs,
    reading: Reading,
    planned: &PlannedLayer,
) -> Result<Checked, BlobError> {
    let (read, size_bytes) = blobs.layer(&planned.name, reading)?;
    let (digest, diff_id) = (read.digest.clone(), read.diff_id.clone());
    let layer = Arc::new(read.into_layer(planned.diff_id.clone(), size_bytes));
    Ok(Checked {
        layer,
        digest,
        diff_id,
    })
}
