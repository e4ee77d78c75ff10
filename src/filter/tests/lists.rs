//! The order of lists, and their pages.

use strum::VariantArray as _;

use super::fleet::{bare, fleet, letter};
use crate::domain::Device;
use crate::filter::page::{DevicePage, MAX_COUNTED, PageCollector};
use crate::filter::{Key, RelatedNames, Sort};

fn sorted(text: &str) -> String {
    let sort = Sort::parse(text, 0).unwrap();
    let mut fleet = fleet();
    fleet.sort_by_key(|(device, related)| sort.rank(device, related));
    fleet.iter().map(|(device, _)| letter(device)).collect()
}

#[test]
fn missing_values_come_last_in_both_directions() {
    for (sort, letters) in [
        ("name", "dcbeaf"),
        ("-name", "aebcdf"),
        ("NAME", "dcbeaf"),
        ("last-seen", "bdcafe"),
        ("-last-seen", "acdbfe"),
        ("serial", "bafdce"),
        ("mac", "bafdce"),
        ("ip", "abfdce"),
        ("id", "abcdef"),
        ("-id", "fedcba"),
        ("workspace", "cbafde"),
        ("person", "dfcbea"),
        ("status", "acdebf"),
        ("created", "badfce"),
    ] {
        // Equal values are sorted by name; no name comes before all names.
        assert_eq!(sorted(sort), letters, "{sort}");
    }
}

#[test]
fn one_sorts_by_keys_with_one_value() {
    for key in Key::VARIANTS {
        let sort = Sort::parse(key.as_str(), 0);
        let has_many = matches!(key, Key::Tag | Key::Error | Key::Capability);
        assert_eq!(sort.is_ok(), !has_many, "{}", key.as_str());
        if let Ok(sort) = sort {
            assert_eq!(Sort::parse(&sort.to_string(), 0), Ok(sort));
        }
    }
    let error = |text: &str| Sort::parse(text, 5).unwrap_err().to_string();
    let keys = "name, serial, mac, ip, id, workspace, location, person, product, type, platform, status, software, \
                channel, managed-by, maintenance, first-seen, last-seen, created";
    let expected = format!("expected one of the sort keys {keys}, found");
    assert_eq!(error("tag"), format!("{expected} \"tag\""));
    // The suggestion keeps the order.
    assert_eq!(error("-nmae"), "expected a sort key, found \"-nmae\"; did you mean \"-name\"?");
    assert_eq!(error(""), format!("{expected} nothing"));
    assert_eq!(Sort::parse("tag", 5).unwrap_err().span, 5..8);
}

#[test]
fn addresses_are_sorted_by_number() {
    let at = |ip: &str| Device { ip: Some(ip.to_owned()), ..bare('a') };
    let sort = Sort::parse("ip", 0).unwrap();
    let related = RelatedNames::default();
    for (one, other) in
        [("10.0.0.9", "10.0.0.10"), ("9.0.0.0", "10.0.0.0"), ("10.0.0.1", "fe80::1"), ("::1", "x")]
    {
        assert!(sort.rank(&at(one), &related) < sort.rank(&at(other), &related), "{one} {other}");
    }
}

/// The page of a fleet of these names, and the most devices kept at a time.
fn page(sort: Option<&str>, skip: usize, size: usize, names: &[String]) -> (DevicePage, usize) {
    let mut collector = PageCollector::new(sort.map(|text| Sort::parse(text, 0).unwrap()), skip, size);
    let mut most = 0;
    for name in names {
        let device =
            Device { display_name: Some(name.clone()), product: Some(name[..1].to_owned()), ..bare('a') };
        collector.take(device, &RelatedNames::default());
        most = most.max(collector.kept());
    }
    (collector.finish(), most)
}

fn names(page: &DevicePage) -> Vec<&str> {
    page.devices.iter().filter_map(|device| device.display_name.as_deref()).collect()
}

#[test]
fn a_page_has_its_devices_in_order_and_counts_all() {
    let fleet: Vec<String> = ["C3", "A1", "B2", "A0", "D4"].map(str::to_owned).to_vec();
    for (sort, skip, size, expected) in [
        (None, 0, 2, vec!["C3", "A1"]),
        (None, 2, 2, vec!["B2", "A0"]),
        (None, 4, 2, vec!["D4"]),
        (None, 5, 2, vec![]),
        (Some("name"), 0, 2, vec!["A0", "A1"]),
        (Some("name"), 2, 2, vec!["B2", "C3"]),
        (Some("name"), 4, 2, vec!["D4"]),
        (Some("-name"), 0, 3, vec!["D4", "C3", "B2"]),
        (Some("name"), 9, 3, vec![]),
        (Some("name"), 0, 0, vec![]),
    ] {
        let (page, _) = page(sort, skip, size, &fleet);
        assert_eq!(names(&page), expected, "{sort:?} {skip} {size}");
        assert_eq!(page.summary.total, 5);
        let count = |name: &str, count| (Some(name.to_owned()), count);
        assert_eq!(page.summary.by_product, [count("A", 2), count("B", 1), count("C", 1), count("D", 1)]);
        assert_eq!(page.summary.by_status, [(None, 5)]);
    }
}

#[test]
fn no_more_devices_are_kept_than_needed() {
    let fleet: Vec<String> = (0..5_000).map(|at| format!("{:04}", (at * 7_919) % 5_000)).collect();
    for (sort, skip, most_kept) in
        [(None, 0, 10), (None, 4_000, 10), (Some("name"), 0, 10), (Some("name"), 90, 100)]
    {
        let (page, most) = page(sort, skip, 10, &fleet);
        assert_eq!(most, most_kept, "{sort:?} {skip}");
        assert_eq!((page.devices.len(), page.summary.total), (10, 5_000));
    }
    let (sorted, _) = page(Some("name"), 90, 10, &fleet);
    let expected: Vec<String> = (90..100).map(|at| format!("{at:04}")).collect();
    assert_eq!(names(&sorted), expected);
}

#[test]
fn too_many_products_do_not_fill_the_memory() {
    let mut collector = PageCollector::new(None, 0, 1);
    for at in 0..MAX_COUNTED + 50 {
        let device = Device { product: Some(format!("product {at}")), ..bare('a') };
        collector.take(device, &RelatedNames::default());
    }
    let summary = collector.finish().summary;
    let counted = |counts: &[(Option<String>, usize)]| counts.iter().map(|(_, count)| count).sum::<usize>();
    assert_eq!((summary.by_product.len(), summary.total), (MAX_COUNTED, MAX_COUNTED + 50));
    assert_eq!(counted(&summary.by_product), MAX_COUNTED);
    assert_eq!(counted(&summary.by_status), MAX_COUNTED + 50);
}
