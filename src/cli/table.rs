//! Plain-text tables for the terminal.

use unicode_width::UnicodeWidthStr as _;

const GAP: &str = "  ";

/// Draws a table with a heading. Cells are made [`printable`], because names and reasons come from outside.
pub(super) fn draw<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> String {
    let heading = heading.map(str::to_owned);
    let rows: Vec<[String; N]> =
        std::iter::once(&heading).chain(rows).map(|row| row.each_ref().map(|cell| printable(cell))).collect();
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    let line = |row: &[String; N]| {
        let cells =
            row.iter().zip(widths).map(|(cell, width)| cell.clone() + &" ".repeat(width - cell.width()));
        cells.collect::<Vec<_>>().join(GAP).trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

/// The text with control characters and characters that change the reading direction as `\u{…}`, so that it can
/// neither break a line nor control the terminal.
pub(super) fn printable(text: &str) -> String {
    let changes_direction = |c: char| matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .map(|c| {
            if c.is_control() || changes_direction(c) {
                c.escape_unicode().to_string()
            } else {
                c.to_string()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["1", "größe", "x"], ["12", "会議室", ""]].map(|row| row.map(str::to_owned));
        let table = "NO  WHAT    WHY\n1   größe   x\n12  会議室\n";
        assert_eq!(draw(["NO", "WHAT", "WHY"], &rows), table);
    }

    #[test]
    fn no_cell_breaks_a_line_or_controls_the_terminal() {
        let rows = [["a\nb\r\u{1b}[31mred\u{202e}\t\u{0}".to_owned()]];
        assert_eq!(draw(["X"], &rows), "X\na\\u{a}b\\u{d}\\u{1b}[31mred\\u{202e}\\u{9}\\u{0}\n");
    }
}
