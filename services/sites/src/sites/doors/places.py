"""Doors: the catalogue and the map, records, rules for sites, files of sites."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, listen, query
from contracts.envelope import Event, Page, StoredFile
from contracts.roster.organisations import OrganisationChanged
from contracts.sites.admissions import (
    AdmissionAsked,
    AdmissionsAsked,
    AdmissionView,
    ApplyForAdmission,
    CheckAdmission,
    DecideAdmission,
    RetractAdmission,
)
from contracts.sites.features import ExtentsAsked, ExtentsView, FeatureAsked, FeaturesAsked
from contracts.sites.imports import (
    ApplySiteImport,
    PreviewSiteImport,
    SiteExportAsked,
    SiteImportAsked,
    SiteImportView,
)
from contracts.sites.lifecycles import (
    EvaluateSite,
    EvaluationsAsked,
    EvaluationView,
    RecordSiteCheck,
    SiteChecksAsked,
    SiteCheckView,
    SiteRulesAsked,
    SiteRulesView,
)
from contracts.sites.places import NavigationView, SiteAsked, SitesAsked, SiteView
from contracts.sites.records import (
    ArrivalAsked,
    ArrivalView,
    EditSite,
    KeptSitesAsked,
    SiteHistoryAsked,
    SiteRecordAsked,
    SiteRecordView,
)
from contracts.sites.slots import SlotAsked, SlotsAsked, SlotView
from eventlet import tpool

from sites.doors.resources import Doors
from sites.operations import (
    admissions,
    organisations,
    site_exports,
    site_imports,
    site_records,
    site_rules,
)
from sites.queries import admissions as admission_queries
from sites.queries import features as feature_queries
from sites.queries import programmes as programme_queries
from sites.queries import site_records as site_record_queries
from sites.queries import site_rules as site_rule_queries
from sites.queries import sites as site_queries
from sites.queries import slots as slot_queries


class PlaceDoors(Doors):
    """Doors: the catalogue and the map, records, rules for sites, files of sites."""

    # ---- places ------------------------------------------------------------------------------------------------------

    @query(SitesAsked, public=True)
    def sites(self, asked: SitesAsked, *, actor: Actor | None, at: datetime) -> bytes:
        return site_queries.sites(self.database.transaction, asked, at=at)

    @query(SiteAsked, returns=SiteView, public=True)
    def site(self, asked: SiteAsked, *, actor: Actor | None, at: datetime) -> SiteView:
        return site_queries.site(self.database.transaction, asked.site_id)

    @query(SiteAsked, returns=Page, public=True)
    def programmes(self, asked: SiteAsked, *, actor: Actor | None, at: datetime) -> Page:
        return programme_queries.offered(self.database.transaction, asked.site_id)

    @query(SiteAsked, returns=NavigationView, public=True)
    def navigation(self, asked: SiteAsked, *, actor: Actor | None, at: datetime) -> NavigationView:
        return site_queries.navigation(self.database.transaction, asked.site_id)

    @query(SlotsAsked, returns=Page, public=True)
    def slots(self, asked: SlotsAsked, *, actor: Actor | None, at: datetime) -> Page:
        return slot_queries.slots(self.database.transaction, asked, at=at)

    @query(SlotAsked, returns=SlotView, public=True)
    def slot(self, asked: SlotAsked, *, actor: Actor | None, at: datetime) -> SlotView:
        return slot_queries.slot(self.database.transaction, asked.slot_id, at=at)

    @query(FeaturesAsked, public=True)
    def features(self, asked: FeaturesAsked, *, actor: Actor | None, at: datetime) -> bytes:
        return feature_queries.features(self.database.transaction, asked, at=at)

    @query(FeatureAsked, public=True)
    def feature(self, asked: FeatureAsked, *, actor: Actor | None, at: datetime) -> bytes:
        return feature_queries.feature(self.database.transaction, asked, at=at)

    @query(ExtentsAsked, returns=ExtentsView, public=True)
    def extents(self, asked: ExtentsAsked, *, actor: Actor | None, at: datetime) -> ExtentsView:
        return feature_queries.extents(self.database.transaction)

    @listen("roster", OrganisationChanged)
    def remember_organisation(self, event: Event, *, at: datetime) -> None:
        organisations.remember(self.database.transaction, event)

    # ---- the catalogue, as its keepers see it ------------------------------------------------------------------------

    @query(KeptSitesAsked, returns=Page)
    def kept_sites(self, asked: KeptSitesAsked, *, actor: Actor, at: datetime) -> Page:
        return site_record_queries.kept(self.database.transaction, asked, actor=actor)

    @query(SiteRecordAsked, returns=SiteRecordView)
    def site_record(self, asked: SiteRecordAsked, *, actor: Actor, at: datetime) -> SiteRecordView:
        return site_record_queries.record(self.database.transaction, asked.site_id, actor=actor)

    @query(SiteHistoryAsked, returns=Page)
    def site_history(self, asked: SiteHistoryAsked, *, actor: Actor, at: datetime) -> Page:
        return site_record_queries.history(self.database.transaction, asked, actor=actor)

    @command(EditSite, returns=SiteRecordView)
    def edit_site(self, asked: EditSite, *, actor: Actor, at: datetime) -> SiteRecordView:
        return site_records.edit(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ArrivalAsked, returns=ArrivalView)
    def arrival(self, asked: ArrivalAsked, *, actor: Actor, at: datetime) -> ArrivalView:
        return site_record_queries.arrival(self.database.transaction, asked.order_id, actor=actor, at=at)

    # ---- the district's rules for sites ------------------------------------------------------------------------------

    @query(SiteRulesAsked, returns=SiteRulesView, public=True)
    def site_rules(self, asked: SiteRulesAsked, *, actor: Actor | None, at: datetime) -> SiteRulesView:
        return site_rule_queries.rules_in_force(self.database.transaction, asked.on, at=at)

    @command(RecordSiteCheck, returns=SiteCheckView)
    def record_site_check(self, asked: RecordSiteCheck, *, actor: Actor, at: datetime) -> SiteCheckView:
        return site_rules.record_check(self.database.transaction, self.files, asked=asked, actor=actor, at=at)

    @query(SiteChecksAsked, returns=Page)
    def site_checks(self, asked: SiteChecksAsked, *, actor: Actor, at: datetime) -> Page:
        return site_rule_queries.checks_page(self.database.transaction, asked, actor=actor)

    @command(EvaluateSite, returns=EvaluationView)
    def evaluate_site(self, asked: EvaluateSite, *, actor: Actor, at: datetime) -> EvaluationView:
        return site_rules.evaluate(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(EvaluationsAsked, returns=Page)
    def evaluations(self, asked: EvaluationsAsked, *, actor: Actor, at: datetime) -> Page:
        return site_rule_queries.evaluations_page(self.database.transaction, asked, actor=actor)

    @command(ApplyForAdmission, returns=AdmissionView)
    def apply_for_admission(self, asked: ApplyForAdmission, *, actor: Actor, at: datetime) -> AdmissionView:
        return admissions.apply(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CheckAdmission, returns=AdmissionView)
    def check_admission(self, asked: CheckAdmission, *, actor: Actor, at: datetime) -> AdmissionView:
        return admissions.check(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DecideAdmission, returns=AdmissionView)
    def decide_admission(self, asked: DecideAdmission, *, actor: Actor, at: datetime) -> AdmissionView:
        return admissions.decide(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RetractAdmission, returns=AdmissionView)
    def retract_admission(self, asked: RetractAdmission, *, actor: Actor, at: datetime) -> AdmissionView:
        return admissions.retract(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(AdmissionAsked, returns=AdmissionView)
    def admission(self, asked: AdmissionAsked, *, actor: Actor, at: datetime) -> AdmissionView:
        return admission_queries.admission(self.database.transaction, asked.admission_id, actor=actor)

    @query(AdmissionsAsked, returns=Page)
    def admissions(self, asked: AdmissionsAsked, *, actor: Actor, at: datetime) -> Page:
        return admission_queries.admissions(self.database.transaction, asked, actor=actor)

    # ---- sites as files ----------------------------------------------------------------------------------------------

    @command(PreviewSiteImport, returns=SiteImportView)
    def preview_site_import(self, asked: PreviewSiteImport, *, actor: Actor, at: datetime) -> SiteImportView:
        return site_imports.preview(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ApplySiteImport, returns=SiteImportView)
    def apply_site_import(self, asked: ApplySiteImport, *, actor: Actor, at: datetime) -> SiteImportView:
        return site_imports.take_over(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(SiteImportAsked, returns=SiteImportView)
    def site_import(self, asked: SiteImportAsked, *, actor: Actor, at: datetime) -> SiteImportView:
        return site_imports.progress_of(self.database.transaction, asked.import_id, actor=actor)

    @query(SiteExportAsked, returns=StoredFile)
    def export_sites(self, asked: SiteExportAsked, *, actor: Actor, at: datetime) -> StoredFile:
        return site_exports.export(self.database.transaction, self.files, asked=asked, actor=actor, aside=tpool.execute)
