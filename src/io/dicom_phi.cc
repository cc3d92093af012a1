/* Attributes of the basic confidentiality profile (PS3.15 E.1) that PET images carry. */
#include <cstdio>
#include <cstring>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include "core/text.h"
#include "io/dicom_dcmtk.h"
#include "io/dicom_file.h"
#include "io/dicom_phi.h"

#include "core/banned.h"

using namespace rgq_dicom;

namespace
{

struct attribute {
    DcmTagKey tag;
    rgq_phi_kind kind;
};

/* People by VR (PN), dates and times (DA, DT, TM) and prose (LT, ST, UT, UC) need no row. */
const attribute attributes[] = {
    {DCM_PatientName, RGQ_PHI_PERSON},
    {DCM_PatientID, RGQ_PHI_PERSON},
    {DCM_IssuerOfPatientID, RGQ_PHI_PERSON},
    {DCM_PatientBirthDate, RGQ_PHI_PERSON},
    {DCM_PatientBirthTime, RGQ_PHI_PERSON},
    {DCM_RETIRED_OtherPatientIDs, RGQ_PHI_PERSON},
    {DCM_OtherPatientNames, RGQ_PHI_PERSON},
    {DCM_PatientBirthName, RGQ_PHI_PERSON},
    {DCM_PatientMotherBirthName, RGQ_PHI_PERSON},
    {DCM_PatientAddress, RGQ_PHI_PERSON},
    {DCM_PatientTelephoneNumbers, RGQ_PHI_PERSON},
    {DCM_CountryOfResidence, RGQ_PHI_PERSON},
    {DCM_RegionOfResidence, RGQ_PHI_PERSON},
    {DCM_MilitaryRank, RGQ_PHI_PERSON},
    {DCM_EthnicGroup, RGQ_PHI_PERSON},
    {DCM_Occupation, RGQ_PHI_PERSON},
    {DCM_PatientReligiousPreference, RGQ_PHI_PERSON},
    {DCM_RETIRED_InsurancePlanIdentification, RGQ_PHI_PERSON},
    {DCM_PatientAge, RGQ_PHI_PERSON},
    {DCM_PatientSex, RGQ_PHI_PERSON},
    {DCM_PatientSize, RGQ_PHI_PERSON},
    {DCM_PatientWeight, RGQ_PHI_PERSON},
    {DCM_PregnancyStatus, RGQ_PHI_PERSON},
    {DCM_SmokingStatus, RGQ_PHI_PERSON},
    {DCM_AccessionNumber, RGQ_PHI_PERSON},
    {DCM_StudyID, RGQ_PHI_PERSON},
    {DCM_AdmissionID, RGQ_PHI_PERSON},
    {DCM_ConfidentialityConstraintOnPatientDataDescription, RGQ_PHI_PERSON},
    {DCM_ClinicalTrialSubjectID, RGQ_PHI_PERSON},
    {DCM_ClinicalTrialSubjectReadingID, RGQ_PHI_PERSON},
    {DCM_PlacerOrderNumberImagingServiceRequest, RGQ_PHI_PERSON},
    {DCM_FillerOrderNumberImagingServiceRequest, RGQ_PHI_PERSON},
    {DCM_ResponsibleOrganization, RGQ_PHI_PEOPLE},
    {DCM_ClinicalTrialSiteID, RGQ_PHI_PEOPLE},
    {DCM_ClinicalTrialSiteName, RGQ_PHI_PEOPLE},
    {DCM_ClinicalTrialProtocolID, RGQ_PHI_PEOPLE},
    {DCM_InstitutionName, RGQ_PHI_PEOPLE},
    {DCM_InstitutionAddress, RGQ_PHI_PEOPLE},
    {DCM_InstitutionalDepartmentName, RGQ_PHI_PEOPLE},
    {DCM_ReferringPhysicianAddress, RGQ_PHI_PEOPLE},
    {DCM_ReferringPhysicianTelephoneNumbers, RGQ_PHI_PEOPLE},
    {DCM_RequestingService, RGQ_PHI_PEOPLE},
    {DCM_CurrentPatientLocation, RGQ_PHI_PEOPLE},
    {DCM_PatientInstitutionResidence, RGQ_PHI_PEOPLE},
    {DCM_DeviceSerialNumber, RGQ_PHI_DEVICE},
    {DCM_StationName, RGQ_PHI_DEVICE},
    {DCM_DetectorID, RGQ_PHI_DEVICE},
    {DCM_GantryID, RGQ_PHI_DEVICE},
    {DCM_PerformedStationName, RGQ_PHI_DEVICE},
    {DCM_PerformedStationAETitle, RGQ_PHI_DEVICE},
    {DCM_PlateID, RGQ_PHI_DEVICE},
    {DCM_StudyDescription, RGQ_PHI_TEXT},
    {DCM_SeriesDescription, RGQ_PHI_TEXT},
    {DCM_ProtocolName, RGQ_PHI_TEXT},
    {DCM_PatientComments, RGQ_PHI_TEXT},
    {DCM_AdditionalPatientHistory, RGQ_PHI_TEXT},
    {DCM_MedicalAlerts, RGQ_PHI_TEXT},
    {DCM_Allergies, RGQ_PHI_TEXT},
    {DCM_ImageComments, RGQ_PHI_TEXT},
    {DCM_RETIRED_StudyComments, RGQ_PHI_TEXT},
    {DCM_DerivationDescription, RGQ_PHI_TEXT},
    {DCM_AdmittingDiagnosesDescription, RGQ_PHI_TEXT},
    {DCM_RequestedProcedureDescription, RGQ_PHI_TEXT},
    {DCM_PerformedProcedureStepDescription, RGQ_PHI_TEXT},
    {DCM_PerformedProcedureStepID, RGQ_PHI_TEXT},
    {DCM_ScheduledProcedureStepDescription, RGQ_PHI_TEXT},
    {DCM_ScheduledProcedureStepID, RGQ_PHI_TEXT},
    {DCM_RequestedProcedureID, RGQ_PHI_TEXT},
    {DCM_PatientState, RGQ_PHI_TEXT},
    {DCM_SpecialNeeds, RGQ_PHI_TEXT},
    {DCM_ReasonForTheRequestedProcedure, RGQ_PHI_TEXT},
    {DCM_StudyInstanceUID, RGQ_PHI_UID},
    {DCM_SeriesInstanceUID, RGQ_PHI_UID},
    {DCM_SOPInstanceUID, RGQ_PHI_UID},
    {DCM_FrameOfReferenceUID, RGQ_PHI_UID},
    {DCM_ReferencedSOPInstanceUID, RGQ_PHI_UID},
};

/* What SUV needs; an option supplies what is gone. Any of the tags will do. */
struct need {
    DcmTagKey tag, other;
    const char *name;
    const char *option;
    bool of_tracer;
};

const need needs[] = {
    {DCM_PatientWeight, DCM_PatientWeight, "PatientWeight", "--weight-kg", false},
    {DCM_RadionuclideTotalDose, DCM_RadionuclideTotalDose, "RadionuclideTotalDose",
     "--activity-mbq", true},
    {DCM_RadiopharmaceuticalStartDateTime, DCM_RadiopharmaceuticalStartTime,
     "RadiopharmaceuticalStartDateTime", "--injection-time", true},
    {DCM_RadionuclideHalfLife, DCM_RadionuclideHalfLife, "RadionuclideHalfLife",
     "--half-life-s", true},
    {DCM_Units, DCM_Units, "Units", "--units", false},
    {DCM_DecayCorrection, DCM_DecayCorrection, "DecayCorrection", "--decay-corrected-to",
     false},
    {DCM_SeriesTime, DCM_AcquisitionTime, "SeriesTime, AcquisitionTime", "no option", false},
};

} // namespace

static bool is_filled(DcmObject &object)
{
    const Uint32 length = object.getLength();
    OFString value;

    if (length == 0)
        return false;
    DcmElement *element = dynamic_cast<DcmElement *>(&object);
    if (object.ident() == EVR_SQ || element == nullptr || length > 4096 ||
        element->getOFStringArray(value).bad())
        return true;
    for (size_t i = 0; i < value.length(); i++)
        if (value[i] != ' ' && value[i] != '\0' && value[i] != '\\')
            return true;
    return false;
}

static void add(rgq_phi &out, rgq_phi_kind kind, const DcmTagKey &tag, const char *name,
                bool filled)
{
    char where[24];
    (void)std::snprintf(where, sizeof where, "(%04X,%04X)", tag.getGroup(), tag.getElement());
    rgq_phi_add(&out, kind, where, name, filled);
}

/* The creator is a value, too: shown only where it is the name of a maker. */
static void add_private(rgq_phi &out, DcmObject &object)
{
    static const char *const makers[] = {
        "GEMS",    "GEIIS", "SIEMENS",        "SPI",    "Philips", "PHILIPS", "CTI",
        "TOSHIBA", "UIH",   "United Imaging", "MEDISO", "Mediso",  "HERMES",  "Hermes"};
    DcmElement *element = dynamic_cast<DcmElement *>(&object);
    OFString value;
    char name[RGQ_PHI_TEXT_MAX] = "private group, creator not shown";

    if (element != nullptr && object.getLength() <= 64 &&
        element->getOFStringArray(value).good())
        for (const char *maker : makers)
            if (value.compare(0, std::strlen(maker), maker) == 0)
                (void)std::snprintf(name, sizeof name, "private group of %s", maker);
    add(out, RGQ_PHI_PRIVATE, object.getTag(), name, is_filled(object));
}

static bool is_moment(DcmEVR vr)
{
    return vr == EVR_DA || vr == EVR_DT || vr == EVR_TM;
}

static bool is_prose(DcmEVR vr)
{
    return vr == EVR_LT || vr == EVR_ST || vr == EVR_UT || vr == EVR_UC;
}

static void add_object(rgq_phi &out, DcmObject &object)
{
    DcmTag tag = object.getTag();
    const Uint16 element = tag.getElement();

    if ((tag.getGroup() & 1) != 0) {
        if (element >= 0x10 && element <= 0xff)
            add_private(out, object);
        return;
    }
    for (const attribute &known : attributes)
        if (known.tag == tag) {
            add(out, known.kind, tag, tag.getTagName(), is_filled(object));
            return;
        }
    if (object.ident() == EVR_PN)
        add(out, RGQ_PHI_PEOPLE, tag, tag.getTagName(), is_filled(object));
    else if (is_moment(object.ident()))
        add(out, RGQ_PHI_DATE, tag, tag.getTagName(), is_filled(object));
    else if (is_prose(object.ident()))
        add(out, RGQ_PHI_TEXT, tag, tag.getTagName(), is_filled(object));
    else if ((tag.getGroup() & 0xff00) == 0x6000 && element == 0x3000)
        add(out, RGQ_PHI_PIXELS, tag, "OverlayData: words may be drawn in it",
            is_filled(object));
}

static void add_flags(rgq_phi &out, DcmDataset &set)
{
    char value[text_max];

    const found burned = first_text(set, DCM_BurnedInAnnotation, value, sizeof value);
    add(out, RGQ_PHI_PIXELS, DCM_BurnedInAnnotation,
        burned != found::good ? "BurnedInAnnotation is not stated: look at the images"
        : value[0] == 'Y'     ? "BurnedInAnnotation is YES: words are in the pixels"
                              : "BurnedInAnnotation is NO",
        burned != found::good || value[0] == 'Y');
    if (first_text(set, DCM_PatientIdentityRemoved, value, sizeof value) == found::good)
        add(out, RGQ_PHI_PERSON, DCM_PatientIdentityRemoved,
            value[0] == 'Y' ? "PatientIdentityRemoved is YES" : "PatientIdentityRemoved is NO",
            value[0] != 'Y');
}

static void add_needs(rgq_phi &out, DcmDataset &set)
{
    char value[text_max];
    DcmItem *tracer = nullptr;

    if (first_text(set, DCM_Modality, value, sizeof value) == found::good &&
        std::strcmp(value, "PT") != 0 && std::strcmp(value, "NM") != 0)
        return; /* contours, masks or the CT beside the scan */

    (void)set.findAndGetSequenceItem(DCM_RadiopharmaceuticalInformationSequence, tracer, 0);
    for (const need &n : needs) {
        DcmItem *item = n.of_tracer ? tracer : &set;
        if (item != nullptr && (text(*item, n.tag, value, sizeof value) == found::good ||
                                text(*item, n.other, value, sizeof value) == found::good))
            continue;
        char name[RGQ_PHI_TEXT_MAX];
        (void)std::snprintf(name, sizeof name, "%s is missing: %s", n.name, n.option);
        char where[24];
        (void)std::snprintf(where, sizeof where, "(%04X,%04X)", n.tag.getGroup(),
                            n.tag.getElement());
        rgq_phi_add(&out, RGQ_PHI_NEEDED, where, name, false);
    }
}

static rgq_status look(rgq_phi &out, const char *path, const rgq_dicom_sniff &sniff,
                       rgq_error *err)
{
    DcmFileFormat file;
    rgq_dicom_layout layout;

    RGQ_PASS(err, start(err));
    RGQ_PASS(err, rgq_dicom_walk(&layout, path, &sniff, err));
    RGQ_PASS(err, load(file, path, err));
    DcmStack stack;
    while (file.getDataset()->nextObject(stack, true).good())
        add_object(out, *stack.top());
    add_flags(out, *file.getDataset());
    add_needs(out, *file.getDataset());
    return RGQ_OK;
}

rgq_status rgq_dicom_phi(rgq_phi *out, const char *path, rgq_error *err)
{
    rgq_dicom_sniff sniff;
    char plain[RGQ_PATH_MAX];
    bool is_temporary = false;

    rgq_status st = rgq_dicom_sniff_file(&sniff, path, err);
    if (st == RGQ_OK)
        st = rgq_dicom_plain(plain, &is_temporary, &sniff, path, err);
    if (st == RGQ_OK) {
        st = guarded(err, [&]() -> rgq_status { return look(*out, plain, sniff, err); });
        rgq_dicom_plain_release(plain, is_temporary);
    }
    if (st != RGQ_OK)
        rgq_error_prefix(err, "%s: ", path);
    return st;
}
