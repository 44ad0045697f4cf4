//! An instruction as it stands in its file: the whole lines that patches move, join and replace.

use common::dockerfile::{Instruction, Stage};

use crate::model::edit::{Edit, EditedFile};
use crate::model::recipe::Recipe;

/// The lines of an instruction, without line ends. `None` when they are not in the file as they are in
/// the Dockerfile, which may be written as a text inside another file.
pub(crate) fn raw_lines<'a>(recipe: &'a Recipe, at: &Instruction) -> Option<Vec<&'a str>> {
    let lines = between(recipe, at.line, at.end_line);
    let is_whole = lines.len() == (at.end_line - at.line + 1) as usize;
    let first = lines.first()?.trim_start();
    let keyword = first.get(..at.keyword.len())?;
    (is_whole && keyword.eq_ignore_ascii_case(&at.keyword)).then_some(lines)
}

/// The lines of a file from `first` to `last`, counted from 1.
pub(crate) fn between(recipe: &Recipe, first: u32, last: u32) -> Vec<&str> {
    let count = (last + 1).saturating_sub(first) as usize;
    let lines = recipe.text.lines().skip(first.saturating_sub(1) as usize);
    lines.take(count).collect()
}

/// The first line of the comment that stands right above an instruction, or the instruction's own.
pub(crate) fn first_line(recipe: &Recipe, stage: &Stage, index: usize) -> u32 {
    let at = &stage.instructions[index];
    let above = match index.checked_sub(1) {
        Some(index) => stage.instructions[index].end_line,
        None => stage.line,
    };
    let lines = between(recipe, above + 1, at.line.saturating_sub(1));
    let comment = lines.iter().rev();
    let comment = comment.take_while(|line| line.trim_start().starts_with('#'));
    at.line - u32::try_from(comment.count()).unwrap_or(0)
}

/// An edit of the Dockerfile that puts `lines` in the place of those from `first` to `last`.
pub(crate) fn replaced(first: u32, last: u32, lines: Vec<String>) -> Edit {
    Edit {
        file: EditedFile::Dockerfile,
        line: first,
        removed_count: (last + 1).saturating_sub(first),
        lines,
    }
}

/// An edit of the Dockerfile that puts `lines` before a line.
pub(crate) fn inserted(before: u32, lines: Vec<String>) -> Edit {
    replaced(before, before.saturating_sub(1), lines)
}

/// Edits that move an instruction, with the comment right above it, to before a line.
pub(crate) fn moved(recipe: &Recipe, stage: &Stage, index: usize, before: u32) -> Vec<Edit> {
    let first = first_line(recipe, stage, index);
    let last = stage.instructions[index].end_line;
    let lines = between(recipe, first, last);
    let lines = lines.into_iter().map(str::to_owned).collect();
    vec![inserted(before, lines), replaced(first, last, Vec::new())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::patch::patched;
    use crate::model::sample::recipe;

    #[test]
    fn an_instruction_moves_with_its_comment_and_all_its_lines() {
        let recipe =
            recipe("FROM a\r\n\r\n# b\r\nCOPY . .\r\n\r\n# d\r\n# e\r\nrun f \\\r\n  g\r\n");
        let stage = &recipe.dockerfile.stages[0];
        let before = first_line(&recipe, stage, 0);
        assert_eq!(before, 3);
        let text = patched(&recipe.text, &moved(&recipe, stage, 1, before)).unwrap();
        assert_eq!(
            text,
            "FROM a\r\n\r\n# d\r\n# e\r\nrun f \\\r\n  g\r\n# b\r\nCOPY . .\r\n\r\n"
        );
    }

    #[test]
    fn lines_that_are_not_those_of_the_instruction_are_refused() {
        let mut recipe = recipe("FROM a\nRUN b\n");
        let at = recipe.dockerfile.stages[0].instructions[0].clone();
        assert_eq!(raw_lines(&recipe, &at), Some(vec!["RUN b"]));
        recipe.text = "dockerfile: \"FROM a\\nRUN b\\n\"\n".to_owned();
        assert_eq!(raw_lines(&recipe, &at), None);
    }
}
