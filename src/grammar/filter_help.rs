//! `help filters`: every key with its values and an example.

use strum::VariantArray as _;

use crate::filter::Key;

/// One filter as help explains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterHelp {
    /// The notation: `status:VALUE`.
    pub syntax: String,
    /// What it compares, and with what.
    pub summary: String,
    /// A valid line.
    pub example: String,
}

/// All filters, in the order of the documentation, then the parts of a list that are not filters.
pub fn filter_help() -> Vec<FilterHelp> {
    let of_key = |key: &Key| {
        let help = key.help();
        FilterHelp {
            syntax: format!("{}:VALUE", key.as_str()),
            summary: format!("{}: {}", with_capital(help.what), key.values_in_words()),
            example: format!("list devices {}", help.example),
        }
    };
    let order = FilterHelp {
        syntax: "sort:KEY".to_owned(),
        summary: "Sorts the list by that key; sort:-KEY reverses the order".to_owned(),
        example: "list devices sort:-last-seen".to_owned(),
    };
    Key::VARIANTS.iter().map(of_key).chain([order]).collect()
}

fn with_capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(char::to_uppercase).into_iter().flatten().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_a_command() {
        for help in filter_help() {
            let command = super::super::correction::parse(&help.example)
                .unwrap_or_else(|error| panic!("{}: {error}", help.example));
            assert_eq!(command.name(), "list devices");
        }
    }
}
