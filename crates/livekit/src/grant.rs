//! What a token's grant permits, and how an administrator's word changes it. One place, so that a permission that was
//! changed while its bearer was inside means the same when the bearer comes back with the token that says it.

use kloud_sfu::Permits;

use crate::proto::{ParticipantPermission, TrackSource};
use crate::token::VideoGrant;

/// The sources by the names that tokens have for them.
const SOURCES: [(TrackSource, &str, Permits); 4] = [
    (TrackSource::Camera, "camera", Permits::CAMERA),
    (TrackSource::Microphone, "microphone", Permits::MICROPHONE),
    (TrackSource::ScreenShare, "screen_share", Permits::SCREEN),
    // Sound of a screen goes with the screen, and alone it is nothing.
    (TrackSource::ScreenShareAudio, "screen_share_audio", Permits::NONE),
];

impl VideoGrant {
    /// What the bearer may publish. A list of sources permits those and nothing else.
    pub fn permits(&self) -> Permits {
        let publish = self.can_publish.unwrap_or(true);
        let listed = |name: &str| self.can_publish_sources.iter().any(|s| s == name);
        let media = if !publish {
            Permits::NONE
        } else if self.can_publish_sources.is_empty() {
            Permits::ALL.without(Permits::DATA)
        } else {
            SOURCES.iter().filter(|(_, name, _)| listed(name)).fold(Permits::NONE, |all, (_, _, bit)| all | *bit)
        };
        let data = self.can_publish_data.unwrap_or(publish);
        if data { media | Permits::DATA } else { media }
    }

    /// Takes over a permission as a whole: what it does not name is not permitted.
    pub fn take_over(&mut self, permission: &ParticipantPermission) {
        self.can_subscribe = Some(permission.can_subscribe);
        self.can_publish = Some(permission.can_publish);
        self.can_publish_data = Some(permission.can_publish_data);
        self.can_update_own_metadata = Some(permission.can_update_metadata);
        self.hidden = permission.hidden;
        let named = |source: &i32| SOURCES.iter().find(|(on_wire, ..)| *on_wire as i32 == *source);
        let sources = &permission.can_publish_sources;
        self.can_publish_sources = sources.iter().filter_map(named).map(|(_, name, _)| (*name).to_owned()).collect();
        if self.can_publish_sources.is_empty() && !sources.is_empty() {
            // A list of nothing that is known here must not become the empty list, which means everything.
            self.can_publish = Some(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(publish: Option<bool>, data: Option<bool>, sources: &[&str]) -> Permits {
        VideoGrant {
            can_publish: publish,
            can_publish_data: data,
            can_publish_sources: sources.iter().map(|s| (*s).to_owned()).collect(),
            ..Default::default()
        }
        .permits()
    }

    #[test]
    fn a_token_permits_what_it_says_and_no_more() {
        let (camera, screen, data) = (Permits::CAMERA, Permits::SCREEN, Permits::DATA);
        assert_eq!(grant(None, None, &[]), Permits::ALL);
        assert_eq!(grant(Some(false), None, &["camera"]), Permits::NONE);
        assert_eq!(grant(Some(false), Some(true), &[]), data);
        assert_eq!(grant(None, Some(false), &["camera"]), camera);
        assert_eq!(grant(None, None, &["screen_share"]), screen | data);
        assert_eq!(grant(None, Some(false), &["screen_share_audio", "nonsense"]), Permits::NONE);
    }

    fn permitted(permission: &ParticipantPermission) -> Permits {
        let mut grant = VideoGrant::default();
        grant.take_over(permission);
        grant.permits()
    }

    #[test]
    fn a_permission_is_taken_as_a_whole() {
        let all = ParticipantPermission { can_publish: true, ..Default::default() };
        assert_eq!(permitted(&all), Permits::ALL.without(Permits::DATA));
        let camera = ParticipantPermission { can_publish_sources: vec![1], can_publish_data: true, ..all.clone() };
        assert_eq!(permitted(&camera), Permits::CAMERA | Permits::DATA);
        assert_eq!(permitted(&ParticipantPermission { can_publish: false, ..camera }), Permits::DATA);
        let unknown = ParticipantPermission { can_publish_sources: vec![99], ..all };
        assert_eq!(permitted(&unknown), Permits::NONE, "a source of the future is not all sources");
        assert_eq!(permitted(&ParticipantPermission::default()), Permits::NONE);
    }
}
