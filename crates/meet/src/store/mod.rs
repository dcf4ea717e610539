//! Rows of meetings: the meeting itself, its seats, its sittings with what was shown in them, its bans.

pub mod ban;
pub mod meeting;
pub mod seat;
pub mod sitting;

pub use ban::{bans_of_members, insert_ban, is_banned, lift_bans, lift_bans_of};
pub use meeting::{
    bury_meetings, find_meeting, hold_meeting, insert_meeting, live_meetings, meeting_by_code, meeting_of_sitting,
    meeting_of_space, meetings_of_hosts, meetings_of_spaces, over_by, rested_before, save_meeting,
};
pub use seat::{
    bury_seats, count_seats, find_seat, guests_of_meetings_ended_before, hold_seat, hold_seat_of, hold_seats,
    insert_seat, is_inside, save_seat, seat_of_member, seats, seats_of_members, turned_away_before,
};
pub use sitting::{
    delete_shares, end_shares, end_sitting, find_sitting, insert_share, insert_sitting, share, shares,
    shares_of_members, sittings,
};
