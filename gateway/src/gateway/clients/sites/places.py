"""Doors of sites: the catalogue and the map, records, rules for sites, files of sites."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "sites"


def sites(fields: Fields) -> Answer:
    """List open sites for the map and the list (SitesAsked → a GeoJSON FeatureCollection)."""
    return call(SERVICE, "sites", fields)


def site(fields: Fields) -> Answer:
    """Return one site (SiteAsked → SiteView)."""
    return call(SERVICE, "site", fields)


def programmes(fields: Fields) -> Answer:
    """List a site's menu (SiteAsked → Page of ProgrammeDetailView)."""
    return call(SERVICE, "programmes", fields)


def slots(fields: Fields) -> Answer:
    """List a site's slots with their free seats (SlotsAsked → Page of SlotView)."""
    return call(SERVICE, "slots", fields)


def slot(fields: Fields) -> Answer:
    """Return one slot (SlotAsked → SlotView)."""
    return call(SERVICE, "slot", fields)


def navigation(fields: Fields) -> Answer:
    """Return links that open map programmes at the site (SiteAsked → NavigationView)."""
    return call(SERVICE, "navigation", fields)


def kept_sites(fields: Fields, *, who: Holder) -> Answer:
    """List the sites that the person keeps or oversees (KeptSitesAsked → Page of KeptSiteView)."""
    return call(SERVICE, "kept_sites", fields, who=who)


def site_record(fields: Fields, *, who: Holder) -> Answer:
    """Return a site's whole record (SiteRecordAsked → SiteRecordView)."""
    return call(SERVICE, "site_record", fields, who=who)


def site_history(fields: Fields, *, who: Holder) -> Answer:
    """List what was changed of a site (SiteHistoryAsked → Page of SiteChangeView)."""
    return call(SERVICE, "site_history", fields, who=who)


def edit_site(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write a site's record anew (EditSite → SiteRecordView)."""
    return call(SERVICE, "edit_site", fields, who=who, command_id=command_id)


def arrival(fields: Fields, *, who: Holder) -> Answer:
    """Return what a confirmed order's party needs to arrive (ArrivalAsked → ArrivalView)."""
    return call(SERVICE, "arrival", fields, who=who)


def features(fields: Fields) -> Answer:
    """List a collection's features for OGC API (FeaturesAsked → GeoJSON behind `next` and `numberReturned`)."""
    return call(SERVICE, "features", fields)


def feature(fields: Fields) -> Answer:
    """Return one feature of a collection (FeatureAsked → a GeoJSON Feature)."""
    return call(SERVICE, "feature", fields)


def extents(fields: Fields) -> Answer:
    """Return where and when the collections' features are (ExtentsAsked → ExtentsView)."""
    return call(SERVICE, "extents", fields)


def record_site_check(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Record a check of the "three same" of a site (RecordSiteCheck → SiteCheckView)."""
    return call(SERVICE, "record_site_check", fields, who=who, command_id=command_id)


def site_checks(fields: Fields, *, who: Holder) -> Answer:
    """List the checks of a site (SiteChecksAsked → Page of SiteCheckView)."""
    return call(SERVICE, "site_checks", fields, who=who)


def evaluate_site(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Evaluate a site for a year (EvaluateSite → EvaluationView)."""
    return call(SERVICE, "evaluate_site", fields, who=who, command_id=command_id)


def evaluations(fields: Fields, *, who: Holder) -> Answer:
    """List the evaluations of a site (EvaluationsAsked → Page of EvaluationView)."""
    return call(SERVICE, "evaluations", fields, who=who)


def apply_for_admission(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Apply for a place to become a site (ApplyForAdmission → AdmissionView)."""
    return call(SERVICE, "apply_for_admission", fields, who=who, command_id=command_id)


def check_admission(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Record the field check of an application (CheckAdmission → AdmissionView)."""
    return call(SERVICE, "check_admission", fields, who=who, command_id=command_id)


def decide_admission(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Approve or refuse an application (DecideAdmission → AdmissionView)."""
    return call(SERVICE, "decide_admission", fields, who=who, command_id=command_id)


def retract_admission(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take one's application back (RetractAdmission → AdmissionView)."""
    return call(SERVICE, "retract_admission", fields, who=who, command_id=command_id)


def admission(fields: Fields, *, who: Holder) -> Answer:
    """Return one application (AdmissionAsked → AdmissionView)."""
    return call(SERVICE, "admission", fields, who=who)


def admissions(fields: Fields, *, who: Holder) -> Answer:
    """List applications for admission (AdmissionsAsked → Page of AdmissionView)."""
    return call(SERVICE, "admissions", fields, who=who)


def preview_site_import(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Look a file of sites through, in the background (PreviewSiteImport → SiteImportView)."""
    return call(SERVICE, "preview_site_import", fields, who=who, command_id=command_id)


def apply_site_import(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take over a file that was looked through (ApplySiteImport → SiteImportView)."""
    return call(SERVICE, "apply_site_import", fields, who=who, command_id=command_id)


def site_import(fields: Fields, *, who: Holder) -> Answer:
    """Return how far an import is (SiteImportAsked → SiteImportView)."""
    return call(SERVICE, "site_import", fields, who=who)


def export_sites(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to a file of sites in the file store (SiteExportAsked → StoredFile)."""
    return call(SERVICE, "export_sites", fields, who=who)


def site_rules(fields: Fields) -> Answer:
    """Return the district's rules for sites in force on a day (SiteRulesAsked → SiteRulesView)."""
    return call(SERVICE, "site_rules", fields)
