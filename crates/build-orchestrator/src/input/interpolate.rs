//! Variables in compose and env files.
//!
//! Source: <https://docs.docker.com/reference/compose-file/interpolation/>

/// How deep defaults within defaults may go.
///
/// Chosen: nobody writes five by hand.
const DEPTH_MAX: usize = 20;

/// A text with its variables put in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Interpolated {
    /// The text.
    pub(super) text: String,
    /// The variables that are not set and have no default, so that they became empty.
    pub(super) unset: Vec<String>,
}

/// Puts variables into a text: `$NAME`, `${NAME}`, `${NAME:-text}`, `${NAME-text}`,
/// `${NAME:?message}`, `${NAME?message}`, `${NAME:+text}` and `${NAME+text}`; `$$` is a dollar.
/// The error is a message as a lower-case fragment.
pub(super) fn interpolate(
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Interpolated, String> {
    let mut done = Interpolated::default();
    put_in(text, lookup, &mut done, 0)?;
    Ok(done)
}

fn put_in(
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
    done: &mut Interpolated,
    depth: usize,
) -> Result<(), String> {
    if depth > DEPTH_MAX {
        return Err(format!(
            "defaults within defaults go deeper than {DEPTH_MAX}"
        ));
    }
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        done.text.push_str(&rest[..dollar]);
        rest = &rest[dollar + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            done.text.push('$');
            rest = after;
        } else if let Some(braced) = rest.strip_prefix('{') {
            let end = closing_brace(braced).ok_or_else(|| malformed(text))?;
            variable(&braced[..end], lookup, done, depth).map_err(|()| malformed(text))??;
            rest = &braced[end + 1..];
        } else {
            let (name, after) = split_name(rest).ok_or_else(|| malformed(text))?;
            put_value(name, lookup(name), done);
            rest = after;
        }
    }
    done.text.push_str(rest);
    Ok(())
}

fn malformed(text: &str) -> String {
    format!("malformed variable in `{text}`; a plain dollar is written `$$`")
}

/// The position of the brace that closes the one before the text.
fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut previous = ' ';
    for (position, c) in text.char_indices() {
        match c {
            '{' if previous == '$' => depth += 1,
            '}' if depth == 0 => return Some(position),
            '}' => depth -= 1,
            _ => {}
        }
        previous = c;
    }
    None
}

/// Splits the name that a text starts with from what follows.
fn split_name(text: &str) -> Option<(&str, &str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts_well.then(|| text.split_at(end))
}

/// Puts in what stands between braces. The outer error says that it is malformed.
fn variable(
    inner: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
    done: &mut Interpolated,
    depth: usize,
) -> Result<Result<(), String>, ()> {
    let (name, operation) = split_name(inner).ok_or(())?;
    let value = lookup(name);
    let (counts_empty, operation) = match operation.strip_prefix(':') {
        Some(rest) => (true, rest),
        None => (false, operation),
    };
    let is_set = value
        .as_ref()
        .is_some_and(|value| !(counts_empty && value.is_empty()));
    let mut characters = operation.chars();
    let operator = characters.next();
    let word = characters.as_str();
    Ok(match operator {
        None if counts_empty => return Err(()),
        Some('-') if !is_set => put_in(word, lookup, done, depth + 1),
        Some('+') if is_set => put_in(word, lookup, done, depth + 1),
        Some('+') => Ok(()),
        Some('?') if !is_set => Err(required(name, word)),
        None | Some('-' | '?') => {
            put_value(name, value, done);
            Ok(())
        }
        Some(_) => return Err(()),
    })
}

fn required(name: &str, message: &str) -> String {
    match message {
        "" => format!("`{name}` has to be set"),
        message => format!("`{name}` has to be set: {message}"),
    }
}

fn put_value(name: &str, value: Option<String>, done: &mut Interpolated) {
    match value {
        Some(value) => done.text.push_str(&value),
        None => done.unset.push(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lookup(name: &str) -> Option<String> {
        match name {
            "SET" => Some("value".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    #[test]
    fn every_form_is_put_in() {
        let cases = [
            ("a $SET-b", "a value-b"),
            ("${SET}x", "valuex"),
            ("$$SET ${SET}$$", "$SET value$"),
            ("${NO:-x} ${NO-x} ${EMPTY:-x} ${EMPTY-x}", "x x x "),
            ("${SET:-x} ${SET-x}", "value value"),
            (
                "${SET:+x} ${SET+x} ${EMPTY:+x} ${EMPTY+x} ${NO+x}",
                "x x  x ",
            ),
            ("${NO:-a ${ALSO_NO:-b ${SET}} c}", "a b value c"),
            ("${NO:-{\"a\"}}", "{\"a\"}"),
            ("${SET:?message} ${EMPTY?message}", "value "),
            ("no variables", "no variables"),
        ];
        for (text, expected) in cases {
            let done = interpolate(text, &lookup).unwrap();
            assert_eq!(done.text, expected, "{text}");
            assert!(done.unset.is_empty(), "{text}");
        }
    }

    #[test]
    fn a_variable_that_is_not_set_is_empty_and_told() {
        let done = interpolate("a${NO}b$ALSO_NO", &lookup).unwrap();
        assert_eq!(done.text, "ab");
        assert_eq!(done.unset, ["NO", "ALSO_NO"]);
    }

    #[test]
    fn a_required_variable_gives_its_message() {
        let error = interpolate("${NO:?set it in .env}", &lookup).unwrap_err();
        assert_eq!(error, "`NO` has to be set: set it in .env");
        assert_eq!(
            interpolate("${EMPTY:?}", &lookup).unwrap_err(),
            "`EMPTY` has to be set"
        );
    }

    #[test]
    fn malformed_variables_are_refused() {
        for text in [
            "$", "$1", "${", "${}", "${A", "${A:}", "${A!b}", "${-x}", "cost: 5$",
        ] {
            let error = interpolate(text, &lookup).unwrap_err();
            assert!(error.starts_with("malformed variable"), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_interpolated_or_refused(text in "[${}:\\-?+A é]{0,40}") {
            let _ = interpolate(&text, &lookup);
        }
    }
}
