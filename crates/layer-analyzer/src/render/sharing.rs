//! Shows what the images of a set share.

use common::render::{Document, Table};
use common::report::{LayerData, SharedLayer, Sharing};
use common::units::{format_bytes, format_count};

use super::layers::cut;

/// How many shared layers a table shows; the report has all.
///
/// Chosen: a terminal's height.
const LAYERS_MAX: usize = 20;

/// How many names of images a row shows.
///
/// Chosen: with the other columns they fit a terminal of 120.
const NAMES_MAX: usize = 3;

/// How much of a digest a table shows, in hexadecimal digits. Source: `docker images`.
const DIGEST_CHARS: usize = 12;

/// What the images share, when there are several.
pub(super) fn sharing(data: &LayerData) -> Document {
    let Some(sharing) = &data.sharing else {
        return Document::new();
    };
    let document = Document::new()
        .heading("Shared by the images")
        .paragraph(costs(sharing))
        .table(layers(shown(sharing)));
    match sharing.layers.len() - shown(sharing).count() {
        0 => document,
        more => document.paragraph(format!(
            "{} more",
            format_count(more as u64, "shared layer")
        )),
    }
}

/// The layers that a table shows: those without bytes cost nothing.
fn shown(sharing: &Sharing) -> impl Iterator<Item = &SharedLayer> {
    let with_bytes = sharing.layers.iter().filter(|layer| layer.size_bytes > 0);
    with_bytes.take(LAYERS_MAX)
}

fn costs(sharing: &Sharing) -> String {
    format!(
        "A registry keeps {} of layers and not {}; a node that has all images keeps {} of files \
         and not {}.",
        format_bytes(sharing.registry_bytes),
        format_bytes(sharing.registry_sum_bytes),
        format_bytes(sharing.node_bytes),
        format_bytes(sharing.node_sum_bytes),
    )
}

fn layers<'a>(layers: impl Iterator<Item = &'a SharedLayer>) -> Table {
    let titles = [
        "Shared layer",
        "Size#",
        "Images",
        "Copies on a node#",
        "Instruction",
    ];
    let mut table = Table::new(titles);
    for layer in layers {
        let digest = layer.diff_id.trim_start_matches("sha256:");
        table.row([
            digest.chars().take(DIGEST_CHARS).collect::<String>().into(),
            format_bytes(layer.size_bytes).into(),
            names(&layer.images).into(),
            layer.node_copy_count.to_string().into(),
            layer
                .instruction
                .as_deref()
                .map_or("-".to_owned(), cut)
                .into(),
        ]);
    }
    table
}

fn names(images: &[String]) -> String {
    let shown = &images[..images.len().min(NAMES_MAX)];
    match images.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use common::render::markdown;

    use super::*;

    fn data(layer_count: usize) -> LayerData {
        let layer = SharedLayer {
            diff_id: format!("sha256:0a1b2c3d4e5f{}", "0".repeat(52)),
            size_bytes: 2000,
            images: vec!["app:1".to_owned(), "web:1".to_owned()],
            node_copy_count: 2,
            instruction: Some("COPY a /".to_owned()),
        };
        let sharing = Sharing {
            registry_bytes: 1000,
            registry_sum_bytes: 2000,
            node_bytes: 5000,
            node_sum_bytes: 7000,
            layers: vec![layer; layer_count],
        };
        LayerData {
            sharing: Some(sharing),
            ..LayerData::default()
        }
    }

    #[test]
    fn a_set_is_its_costs_and_its_shared_layers() {
        let expected = "\
## Shared by the images

A registry keeps 1.00 kB of layers and not 2.00 kB; a node that has all images keeps 5.00 kB of files and not 7.00 kB.

| Shared layer | Size | Images | Copies on a node | Instruction |
| --- | ---: | --- | ---: | --- |
| 0a1b2c3d4e5f | 2.00 kB | app:1, web:1 | 2 | COPY a / |
";
        assert_eq!(markdown::write(&sharing(&data(1))), expected);
    }

    #[test]
    fn what_is_not_shown_is_counted() {
        let mut many = data(22);
        let layers = &mut many.sharing.as_mut().unwrap().layers;
        layers[0].size_bytes = 0;
        let shown = markdown::write(&sharing(&many));
        assert_eq!(shown.matches("| 0a1b2c3d4e5f |").count(), 20);
        assert!(shown.ends_with("\n2 shared layers more\n"), "{shown}");
        let five: Vec<String> = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
        assert_eq!(names(&five), "a, b, c and 2 more");
    }
}
