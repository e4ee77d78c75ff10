//! The budget, event by event, and under anything that may happen.

use proptest::prelude::*;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn wait(seconds: i64) -> Ended {
    Ended::AskedToWait(SignedDuration::from_secs(seconds))
}

/// The call that must be let through.
fn go(budget: &mut Budget, second: i64) -> Ticket {
    match budget.ask(at(second)) {
        Leave::Go(ticket) => ticket,
        other => panic!("expected to be let through, found {other:?}"),
    }
}

/// A call that is let through and ends like this at once.
fn call(budget: &mut Budget, second: i64, ended: Ended) -> Turn {
    let ticket = go(budget, second);
    budget.end(&ticket, ended, at(second))
}

#[test]
fn while_webex_is_well_a_burst_is_let_through_up_to_the_ceiling() {
    let mut budget = Budget::new();
    let tickets: Vec<Ticket> = (0..CEILING).map(|_| go(&mut budget, 0)).collect();
    assert_eq!(budget.ask(at(0)), Leave::Wait);
    budget.end(&tickets[7], Ended::Well, at(0));
    go(&mut budget, 0);
    assert_eq!(budget.ask(at(0)), Leave::Wait);
}

#[test]
fn a_wait_that_was_asked_for_stops_all_calls_until_it_is_over() {
    let mut budget = Budget::new();
    assert_eq!(call(&mut budget, 0, wait(20)), Turn::PauseBegan);
    for second in [0, 7, 19] {
        assert_eq!(budget.ask(at(second)), Leave::Paused(at(20)), "{second}");
    }
    go(&mut budget, 20);
}

#[test]
fn after_a_pause_one_call_goes_first_and_the_others_wait_for_its_answer() {
    for (ended, turn) in [(Ended::Well, Turn::PauseOver), (Ended::Otherwise, Turn::PauseOver)] {
        let mut budget = Budget::new();
        call(&mut budget, 0, wait(20));
        let probe = go(&mut budget, 20);
        assert_eq!((budget.ask(at(20)), budget.ask(at(25))), (Leave::Wait, Leave::Wait));
        assert_eq!(budget.end(&probe, ended, at(26)), turn);
        go(&mut budget, 26);
    }
}

#[test]
fn a_probe_that_is_asked_to_wait_begins_the_next_pause() {
    let mut budget = Budget::new();
    call(&mut budget, 0, wait(20));
    assert_eq!(call(&mut budget, 21, wait(5)), Turn::PauseBegan);
    assert_eq!(budget.ask(at(21)), Leave::Paused(at(26)));
}

#[test]
fn a_probe_that_nobody_waits_for_any_more_leaves_its_part_to_the_next() {
    let mut budget = Budget::new();
    call(&mut budget, 0, wait(20));
    assert_eq!(call(&mut budget, 20, Ended::Abandoned), Turn::None);
    let probe = go(&mut budget, 20);
    assert_eq!(budget.ask(at(20)), Leave::Wait);
    assert_eq!(budget.end(&probe, Ended::Well, at(20)), Turn::PauseOver);
}

#[test]
fn a_burst_that_is_asked_to_wait_together_halves_the_limit_once_and_waits_for_the_longest() {
    let mut budget = Budget::new();
    let burst: Vec<Ticket> = (0..40).map(|_| go(&mut budget, 0)).collect();
    assert_eq!(budget.end(&burst[0], wait(7), at(1)), Turn::PauseBegan);
    assert_eq!(budget.end(&burst[1], wait(30), at(1)), Turn::PauseExtended);
    for ticket in &burst[2..] {
        assert_eq!(budget.end(ticket, wait(3), at(1)), Turn::None);
    }
    assert_eq!((budget.limit(), budget.paused_until(at(1))), (20, Some(at(31))));
    call(&mut budget, 31, wait(1));
    assert_eq!(budget.limit(), 1, "and at the next pause again, down to one");
}

#[test]
fn a_late_answer_to_a_call_of_before_the_pause_pauses_again_but_halves_nothing() {
    let mut budget = Budget::new();
    let burst: Vec<Ticket> = (0..4).map(|_| go(&mut budget, 0)).collect();
    budget.end(&burst[0], wait(2), at(0));
    budget.end(&burst[1], Ended::Well, at(0));
    budget.end(&burst[2], Ended::Well, at(0));
    let late = &burst[3];
    let probe = go(&mut budget, 2);
    let limit = budget.limit();
    budget.end(late, wait(10), at(3));
    assert_eq!(budget.end(&probe, Ended::Well, at(4)), Turn::None, "it was sent before that was known");
    assert_eq!(budget.ask(at(4)), Leave::Paused(at(13)));
    assert_eq!(budget.limit(), limit);
}

#[test]
fn the_limit_grows_by_one_for_each_round_of_good_answers() {
    let mut budget = Budget::new();
    let burst: Vec<Ticket> = (0..8).map(|_| go(&mut budget, 0)).collect();
    for ticket in &burst {
        budget.end(ticket, wait(1), at(0));
    }
    for limit in 4..10 {
        assert_eq!(budget.limit(), limit);
        for _ in 0..limit {
            call(&mut budget, 1, Ended::Well);
        }
    }
    let limit = budget.limit();
    for _ in 0..100 {
        call(&mut budget, 1, Ended::Otherwise);
    }
    assert_eq!(budget.limit(), limit, "errors are no reason for more");
}

#[test]
fn after_five_minutes_without_a_refusal_the_limit_is_the_ceiling_again() {
    let mut budget = Budget::new();
    call(&mut budget, 0, wait(10));
    call(&mut budget, 10, Ended::Well);
    call(&mut budget, 309, Ended::Well);
    assert!(budget.limit() < 5);
    call(&mut budget, 310, Ended::Well);
    assert_eq!(budget.limit(), CEILING);
}

#[test]
fn a_pause_that_others_were_told_holds_here_too() {
    let mut budget = Budget::new();
    assert_eq!(budget.learn(at(30), at(0)), Turn::PauseBegan);
    assert_eq!(budget.ask(at(29)), Leave::Paused(at(30)));
    assert_eq!(budget.limit(), CEILING);
    assert_eq!(budget.learn(at(30), at(1)), Turn::None, "it is known");
    assert_eq!(budget.learn(at(20), at(1)), Turn::None, "it is over sooner");
    assert_eq!(budget.learn(at(40), at(1)), Turn::PauseExtended);
    assert_eq!(budget.learn(at(41), at(50)), Turn::None, "it is over");
    let probe = go(&mut budget, 50);
    assert_eq!(budget.ask(at(50)), Leave::Wait);
    budget.end(&probe, Ended::Well, at(50));
    go(&mut budget, 50);
}

/// What may happen next.
#[derive(Debug, Clone, Copy)]
enum Event {
    Ask,
    /// One of the calls under way ends.
    End(usize, Ended),
    Learn(i64),
    Pass(i64),
}

fn any_event() -> impl Strategy<Value = Event> {
    let ended = prop_oneof![
        3 => Just(Ended::Well),
        2 => (1..40_i64).prop_map(wait),
        1 => Just(Ended::Otherwise),
        1 => Just(Ended::Abandoned),
    ];
    prop_oneof![
        5 => Just(Event::Ask),
        4 => (any::<usize>(), ended).prop_map(|(which, ended)| Event::End(which, ended)),
        1 => (-50..50_i64).prop_map(Event::Learn),
        2 => (0..50_i64).prop_map(Event::Pass),
    ]
}

proptest! {
    /// Whatever happens in whatever order: nothing is let through in a pause or beyond the limit, one call at most
    /// between the end of a pause and the answer to it, and when all have ended the next one is let through.
    #[test]
    fn no_order_of_events_breaks_a_rule_or_loses_a_place(events in prop::collection::vec(any_event(), 1..300)) {
        let mut budget = Budget::new();
        let mut under_way: Vec<Ticket> = Vec::new();
        let (mut second, mut paused_until) = (0, i64::MIN);
        // The number of the probe whose answer is awaited, while a pause is over and not yet found to be.
        let mut probe: Option<u64> = None;
        let mut is_proven = true;
        for event in events {
            match event {
                Event::Ask => {
                    let had = under_way.len();
                    match budget.ask(at(second)) {
                        Leave::Go(ticket) => {
                            prop_assert!(second >= paused_until, "a call in a pause");
                            prop_assert!(had < budget.limit() as usize, "a call beyond the limit");
                            prop_assert!(probe.is_none(), "a call beside the probe");
                            if !is_proven {
                                probe = Some(ticket.number);
                            }
                            under_way.push(ticket);
                        }
                        Leave::Wait => prop_assert!(had > 0, "nobody would ever wake it"),
                        Leave::Paused(until) => prop_assert_eq!((until, second < paused_until), (at(paused_until), true)),
                    }
                }
                Event::End(which, ended) if !under_way.is_empty() => {
                    let ticket = under_way.swap_remove(which % under_way.len());
                    budget.end(&ticket, ended, at(second));
                    let is_probe = probe == Some(ticket.number);
                    if let Ended::AskedToWait(wait) = ended {
                        paused_until = paused_until.max(second + wait.as_secs());
                        (probe, is_proven) = (None, false);
                    } else if is_probe {
                        probe = None;
                        is_proven = ended != Ended::Abandoned;
                    }
                }
                Event::End(..) => {}
                Event::Learn(seconds) => {
                    budget.learn(at(second + seconds), at(second));
                    if seconds > 0 && second + seconds > paused_until {
                        paused_until = second + seconds;
                        (probe, is_proven) = (None, false);
                    }
                }
                Event::Pass(seconds) => second += seconds,
            }
            prop_assert!((FLOOR..=CEILING).contains(&budget.limit()));
            prop_assert_eq!(budget.in_flight as usize, under_way.len());
        }
        for ticket in under_way {
            budget.end(&ticket, Ended::Abandoned, at(second));
        }
        let later = at(second.max(paused_until));
        prop_assert!(matches!(budget.ask(later), Leave::Go(_)), "a place was lost");
    }
}
