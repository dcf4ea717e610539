use std::time::{Duration, Instant};

use super::{
    Congestion, Inner,
    sent::{Fate, Sent},
    sim::{Line, Source, World},
};

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, many) = values.fold((0.0, 0.0), |(sum, many), value| (sum + value, many + 1.0));
    sum / many
}

fn least(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::INFINITY, f64::min)
}

fn most(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::NEG_INFINITY, f64::max)
}

#[test]
fn the_largest_layer_is_reached_within_four_seconds_and_stays() {
    for start in [300_000, 600_000, 1_000_000, 2_000_000] {
        let mut world = World::new(start, Line::default(), Source::default());
        world.run(30.0);
        let reached = world.first(0.0, |moment| moment.layer == 2_000_000);
        assert!(reached < 4.0, "{start}: after {reached} s");
        let settled = mean(world.between(10.0, 30.0).map(|moment| moment.estimate));
        assert!((2_000_000.0..3_000_000.0).contains(&settled), "{start}: {settled}");
        let (low, high) = (
            least(world.between(5.0, 30.0).map(|moment| moment.estimate)),
            most(world.between(5.0, 30.0).map(|moment| moment.estimate)),
        );
        assert!(low > 0.85 * settled && high < 1.15 * settled, "{start}: {low} to {high} around {settled}");
        assert!(world.between(5.0, 30.0).all(|moment| moment.layer == 2_000_000), "{start}");
    }
}

#[test]
fn a_line_that_gets_thin_is_noticed_before_its_queue_is_full_for_long_and_so_is_its_return() {
    for seed in 1..=5 {
        let mut world = World::new(1_000_000, Line::default(), Source::default()).seed(seed);
        world.run(15.0);
        world.line.capacity = 500_000.0;
        world.run(20.0);
        world.line.capacity = 3_000_000.0;
        world.run(15.0);
        let below = world.first(15.0, |moment| moment.estimate < 500_000.0);
        assert!(below < 17.0, "{seed}: below at {below} s");
        let drained = world.first(below, |moment| moment.queue_ms < 30.0);
        assert!(drained < 18.0, "{seed}: drained at {drained} s");
        let low = least(world.between(15.0, 35.0).map(|moment| moment.estimate));
        assert!(low > 300_000.0, "{seed}: {low}");
        let back = world.first(35.0, |moment| moment.layer == 2_000_000);
        assert!(back < 43.0, "{seed}: back at {back} s");
    }
}

#[test]
fn what_a_line_loses_of_everything_is_no_congestion() {
    for (loss, one_way, floor) in [(0.05, 100_000, 2_000_000.0), (0.2, 25_000, 600_000.0), (0.2, 100_000, 600_000.0)] {
        for seed in 1..=5 {
            let line = Line { capacity: 20e6, loss, one_way, ..Line::default() };
            let mut world = World::new(1_000_000, line, Source::default()).seed(seed);
            world.run(60.0);
            let low = least(world.between(8.0, 60.0).map(|moment| moment.estimate));
            assert!(low > floor, "{loss} lost, {seed}: {low}");
        }
    }
}

#[test]
fn thin_lines_are_filled_and_not_flooded() {
    for capacity in [40_000.0, 120_000.0, 500_000.0] {
        for (seed, one_way) in [(1, 25_000), (2, 25_000), (3, 25_000), (4, 100_000)] {
            let reports = if capacity < 200_000.0 { 100_000 } else { 50_000 };
            let line = Line { capacity, one_way, reports, ..Line::default() };
            let source = Source { sound: 24_000, fills: true, ..Source::default() };
            let mut world = World::new(300_000, line, source).seed(seed);
            world.run(60.0);
            let settled = mean(world.between(15.0, 60.0).map(|moment| moment.estimate));
            let part = settled / capacity;
            assert!((0.75..1.0).contains(&part), "{capacity}, {seed}: {part}");
            let queue = mean(world.between(15.0, 60.0).map(|moment| moment.queue_ms));
            assert!(queue < 120.0, "{capacity}, {seed}: {queue} ms");
        }
    }
}

#[test]
fn jitter_is_no_queue() {
    for (capacity, layer) in [(3_000_000.0, 2_000_000), (1_000_000.0, 600_000), (500_000.0, 150_000)] {
        let mut falls = 0;
        for seed in 1..=6 {
            let line = Line { capacity, jitter: 20_000, ..Line::default() };
            let mut world = World::new(1_000_000, line, Source::default()).seed(seed);
            world.run(60.0);
            let settled = mean(world.between(8.0, 60.0).map(|moment| moment.estimate));
            assert!(settled > 0.8 * capacity, "{capacity}, {seed}: {settled}");
            falls += world.between(8.0, 60.0).filter(|moment| moment.layer < layer).count();
        }
        // Moments of a twentieth of a second, in five minutes.
        assert!(falls < 60, "{capacity}: the layer that fits was left for {falls} moments");
    }
}

#[test]
fn after_an_outage_everything_is_back_within_three_seconds() {
    for seed in 1..=5 {
        let mut world = World::new(1_000_000, Line::default(), Source::default()).seed(seed);
        world.run(15.0);
        world.line.dead = true;
        world.run(2.0);
        world.line.dead = false;
        world.run(10.0);
        let back = world.first(17.0, |moment| moment.layer == 2_000_000);
        assert!(back < 20.0, "{seed}: back at {back} s");
        assert!(world.between(20.0, 27.0).all(|moment| moment.layer == 2_000_000), "{seed}");
    }
}

#[test]
fn a_token_bucket_that_fools_one_probe_does_not_fool_the_next() {
    for seed in 1..=5 {
        let line = Line { one_way: 5_000, queue: 400_000, bucket: 6_000.0, ..Line::default() };
        let mut world = World::new(1_000_000, line, Source::default()).seed(seed);
        world.run(15.0);
        world.line.capacity = 500_000.0;
        world.run(20.0);
        world.line.capacity = 3_000_000.0;
        world.run(16.0);
        let most = world.between(25.0, 35.0).filter(|moment| moment.layer == 2_000_000).count();
        assert!(most == 0, "{seed}: the layer that does not fit was tried again for {most} moments");
        let back = world.first(35.0, |moment| moment.layer == 2_000_000);
        assert!(back < 50.0, "{seed}: back at {back} s");
    }
}

#[test]
fn a_burst_that_a_line_lets_pass_is_not_what_it_carries() {
    for seed in 1..=5 {
        let line = Line { capacity: 1e6, bucket: 10_000.0, ..Line::default() };
        let mut world = World::new(300_000, line, Source { sound: 32_000, ..Source::default() }).seed(seed);
        world.run(60.0);
        assert!(world.between(15.0, 60.0).all(|moment| moment.layer == 600_000), "{seed}");
    }
}

#[test]
fn feedback_is_about_packets_that_left_lately() {
    let mut sent = Sent::default();
    assert!(sent.answer(0, 0, true).is_none(), "nothing left yet");
    for number in 0..70_000_u64 {
        let left = sent.push(number * 100, 1_000, 0);
        assert_eq!(left, number as u16);
        assert!(sent.answer(number * 100, left.wrapping_add(1), true).is_none(), "not yet");
        assert!(sent.answer(number * 100, left.wrapping_sub(9_000), true).is_none(), "too long ago");
        if number >= 200 {
            let named = sent.answer(number * 100, left.wrapping_sub(200), true).expect("one of the last");
            assert_eq!((named.at, named.was), ((number - 200) * 100, Fate::Left));
        }
    }
    let again = sent.answer(7_000_000, 69_799_u64 as u16, true).map(|named| named.was);
    assert_eq!(again, Some(Fate::Arrived), "each is counted once");
}

#[test]
fn a_line_that_drops_instead_of_queueing_is_not_flooded() {
    for seed in 1..=5 {
        let line = Line { capacity: 500_000.0, queue: 20_000, ..Line::default() };
        let mut world = World::new(300_000, line, Source { sound: 32_000, ..Source::default() }).seed(seed);
        world.run(60.0);
        let part = mean(world.between(10.0, 60.0).map(|moment| moment.estimate)) / 500_000.0;
        assert!((0.5..1.1).contains(&part), "{seed}: {part}");
        let share = world.dropped as f64 / world.numbers as f64;
        assert!(share < 0.05, "{seed}: {share} dropped");
    }
}

#[test]
fn numbers_come_round_and_the_estimate_stays() {
    let line = Line { capacity: 50e6, ..Line::default() };
    let mut world = World::new(5_000_000, line, Source { layers: &[8_000_000], ..Source::default() });
    world.run(90.0);
    assert!(world.numbers > 65_536, "{}", world.numbers);
    assert!(world.between(5.0, 90.0).all(|moment| moment.layer == 8_000_000));
}

#[test]
fn a_frame_leaves_at_once_where_the_line_has_room_and_is_spread_where_it_has_not() {
    let now = Instant::now();
    let leaves = |estimate: u64| {
        let (mut congestion, mut count) = (Congestion::new(estimate), 0);
        while count < 20 && congestion.may_leave(now).is_ok() {
            congestion.leaves(now, 1_000);
            count += 1;
        }
        count
    };
    assert_eq!(leaves(4_000_000), 20);
    assert!(leaves(400_000) <= 4);
    let mut congestion = Congestion::new(1_000_000);
    let (mut at, mut calls) = (now, 0);
    for _ in 0..200 {
        while let Err(again) = congestion.may_leave(at) {
            assert!(again >= at + Duration::from_millis(1), "asked again after {:?}", again - at);
            (at, calls) = (again, calls + 1);
        }
        congestion.leaves(at, 1_000);
    }
    let rate = 200.0 * 8_000.0 / (at - now).as_secs_f64();
    assert!((2_000_000.0..3_200_000.0).contains(&rate), "{rate} bits per second");
    assert!(calls < 150, "{calls} bursts");
}

#[test]
fn where_nothing_is_wished_nothing_wakes() {
    let now = Instant::now();
    let mut congestion = Congestion::new(300_000);
    assert_eq!(congestion.next(), None);
    for packet in 0..100 {
        congestion.leaves(now + Duration::from_millis(20 * packet), 100);
        assert_eq!(congestion.next(), None);
    }
    congestion.set_rates(now, 0, 1_000_000);
    assert!(congestion.next().is_some(), "a wish is probed for");
    congestion.set_rates(now, 0, 0);
    assert_eq!(congestion.next(), None);
}

#[test]
fn without_feedback_probes_end_and_nothing_is_claimed() {
    let now = Instant::now();
    let mut congestion = Congestion::new(300_000);
    congestion.set_rates(now, 0, 2_000_000);
    let (mut at, mut padding) = (now, 0);
    for turn in 0.. {
        let Some(next) = congestion.next() else { break };
        assert!(turn < 10_000, "asked again and again");
        at = at.max(next);
        assert!(at < now + Duration::from_secs(30), "still probing");
        congestion.advance(at);
        let bytes = congestion.padding(at);
        if bytes > 0 {
            padding += bytes;
            congestion.leaves(at, bytes);
        }
    }
    assert!((1_000..20_000).contains(&padding), "{padding} bytes of padding");
    assert_eq!(congestion.estimate(), None);
}

#[test]
fn padding_fills_up_to_the_least_and_no_further() {
    let line = Line { capacity: 5e6, ..Line::default() };
    let mut world = World::new(2_000_000, line, Source { layers: &[150_000], fills: true, ..Source::default() });
    world.run(20.0);
    let sent = mean(world.between(5.0, 20.0).map(|moment| moment.sent));
    assert!((130_000.0..200_000.0).contains(&sent), "{sent}");
}

#[test]
fn one_that_is_not_used_weighs_nearly_nothing_and_one_that_is_fits_twelve_kilobytes() {
    assert!(size_of::<Congestion>() <= 24);
    assert!(size_of::<Inner>() < 4_000, "{}", size_of::<Inner>());
}
