//! The derive behind `kloud_privacy::PersonalData`.
