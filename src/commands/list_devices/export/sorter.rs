//! Lines in an order, sorted on the disk: those of a large organization do not fit into the memory there is.
//!
//! As many as may be in memory are sorted there and written down as a run; in the end the runs are merged. A crate for
//! this (extsort 0.5) was left alone: it brings thirteen others, most of them to test its documentation.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek as _, Write};

use serde::{Deserialize, Serialize};

use crate::filter::SortRank;

/// Lines in memory at most: with half a kilobyte each, about one megabyte.
const IN_MEMORY: usize = 2000;

/// A line and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) rank: SortRank,
    pub(crate) text: String,
}

/// Takes lines in any order.
#[derive(Debug, Default)]
pub(crate) struct Sorter {
    in_memory: Vec<Line>,
    runs: Vec<File>,
}

impl Sorter {
    pub(crate) fn add(&mut self, line: Line) -> io::Result<()> {
        self.in_memory.push(line);
        if self.in_memory.len() == IN_MEMORY { self.write_run() } else { Ok(()) }
    }

    fn write_run(&mut self) -> io::Result<()> {
        self.in_memory.sort_unstable();
        let mut run = BufWriter::new(tempfile::tempfile()?);
        for line in self.in_memory.drain(..) {
            serde_json::to_writer(&mut run, &line)?;
        }
        self.runs.push(run.into_inner()?);
        Ok(())
    }

    /// Writes the texts of all lines, in their order.
    pub(crate) fn finish(mut self, to: &mut impl Write) -> io::Result<()> {
        self.write_run()?;
        let mut runs = Vec::with_capacity(self.runs.len());
        for mut run in self.runs {
            run.rewind()?;
            runs.push(serde_json::Deserializer::from_reader(BufReader::new(run)).into_iter::<Line>());
        }
        // The first line of each run that was not written yet.
        let mut heads = BinaryHeap::new();
        for (number, run) in runs.iter_mut().enumerate() {
            heads.extend(run.next().transpose()?.map(|line| Reverse((line, number))));
        }
        while let Some(Reverse((line, number))) = heads.pop() {
            to.write_all(line.text.as_bytes())?;
            heads.extend(runs[number].next().transpose()?.map(|line| Reverse((line, number))));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::Device;
    use crate::domain::fixtures::a_device;
    use crate::filter::{RelatedNames, Sort};

    fn sorted(lines: Vec<Line>) -> String {
        let mut sorter = Sorter::default();
        for line in lines {
            sorter.add(line).unwrap();
        }
        let mut written = Vec::new();
        sorter.finish(&mut written).unwrap();
        String::from_utf8(written).unwrap()
    }

    fn line(sort: Sort, number: usize) -> Line {
        // In no order, and some alike.
        let mixed = number * 7919 % 6007;
        let device = Device {
            display_name: Some(format!("{}\n\"", mixed % 40)),
            serial: Some(format!("{mixed:05}")),
            ip: (!mixed.is_multiple_of(3)).then(|| format!("10.0.{}.{}", mixed / 250, mixed % 250)),
            ..a_device()
        };
        Line { rank: sort.rank(&device, &RelatedNames::default()), text: format!("{mixed:05}\r\n") }
    }

    #[test]
    fn more_lines_than_fit_into_memory_come_back_in_their_order() {
        for key in ["name", "-serial", "ip", "-ip", "last-seen"] {
            let sort = Sort::parse(key, 0).unwrap();
            for count in [0, 1, IN_MEMORY, 3 * IN_MEMORY + 1] {
                let mut lines: Vec<_> = (0..count).map(|number| line(sort, number)).collect();
                let written = sorted(lines.clone());
                lines.sort();
                let expected: String = lines.into_iter().map(|line| line.text).collect();
                assert!(written == expected, "{key} {count}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_line_comes_back_from_the_disk_as_it_was(
            name: String,
            address: std::net::Ipv6Addr,
            at in 0_i64..i64::from(i32::MAX),
        ) {
            let device = Device {
                display_name: Some(name.clone()),
                ip: Some(address.to_string()),
                last_seen: jiff::Timestamp::from_second(at).ok(),
                ..a_device()
            };
            for key in ["name", "ip", "-last-seen", "serial"] {
                let rank = Sort::parse(key, 0).unwrap().rank(&device, &RelatedNames::default());
                let line = Line { rank, text: name.clone() };
                let stored = serde_json::to_string(&line).unwrap();
                prop_assert_eq!(serde_json::from_str::<Line>(&stored).unwrap(), line);
            }
        }
    }
}
