use super::sim::{Line, Source, World};

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
    for seed in 1..=5 {
        let line = Line { jitter: 20_000, ..Line::default() };
        let mut world = World::new(1_000_000, line, Source::default()).seed(seed);
        world.run(60.0);
        let low = least(world.between(5.0, 60.0).map(|moment| moment.estimate));
        assert!(low > 0.8 * 2_000_000.0, "{seed}: {low}");
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
