//! `arn:aws:states:::aws-sdk:SERVICE:ACTION`: services, and how their parameters are written.
//!
//! Source: "Learning to use AWS service SDK integrations in Step Functions", AWS Step Functions
//! developer guide.

use serde_json::Value;

use super::{Reader, map::parameters_field, resource::Integration};
use crate::validate::nearest;

/// The services of the guide's list, today's and former ones. AWS adds to it: one that is not in it is doubtful and no mistake.
const SERVICES: &str = "\
    accessanalyzer account acm acmpca alexaforbusiness amp amplify amplifybackend \
    amplifyuibuilder apigateway apigatewayv2 appconfig appconfigdata appfabric appflow \
    appintegrations applicationautoscaling applicationcostprofiler applicationdiscovery \
    applicationinsights applicationsignals appmesh apprunner appstream appsync apptest \
    arczonalshift athena auditmanager autoscaling autoscalingplans b2bi backup backupgateway \
    backupsearch batch bcmdataexports bcmpricingcalculator bedrock bedrockagent \
    bedrockagentruntime bedrockdataautomation bedrockdataautomationruntime bedrockruntime \
    billing billingconductor braket budgets chime chimesdkidentity chimesdkmediapipelines \
    chimesdkmeetings chimesdkmessaging chimesdkvoice cleanrooms cleanroomsml cloud9 cloudcontrol \
    clouddirectory cloudformation cloudfront cloudfrontkeyvaluestore cloudhsm cloudhsmv2 \
    cloudsearch cloudtrail cloudtraildata cloudwatch cloudwatchlogs codeartifact codebuild \
    codecatalyst codecommit codeconnections codedeploy codeguruprofiler codegurureviewer \
    codegurusecurity codepipeline codestar codestarconnections codestarnotifications \
    cognitoidentity cognitoidentityprovider cognitosync comprehend comprehendmedical \
    computeoptimizer config connect connectcampaigns connectcampaignsv2 connectcases \
    connectcontactlens connectparticipant controlcatalog controltower costandusagereport \
    costexplorer costoptimizationhub customerprofiles databasemigration databrew dataexchange \
    datapipeline datasync datazone dax deadline detective devicefarm devopsguru directconnect \
    directory directoryservicedata dlm docdb docdbelastic drs dsql dynamodb dynamodbstreams ebs \
    ec2 ec2instanceconnect ecr ecrpublic ecs efs eks eksauth elasticache elasticbeanstalk \
    elasticinference elasticloadbalancing elasticloadbalancingv2 elasticsearch elastictranscoder \
    emr emrcontainers emrserverless entityresolution eventbridge evidently finspace finspacedata \
    firehose fis fms forecast forecastquery frauddetector freetier fsx gamelift geomaps \
    geoplaces georoutes glacier glue grafana greengrass greengrassv2 groundstation guardduty \
    health healthlake honeycode iam identitystore imagebuilder inspector inspector2 \
    inspectorscan internetmonitor invoicing iot iot1clickprojects iotanalytics iotdeviceadvisor \
    iotevents ioteventsdata iotfleethub iotfleetwise iotjobsdataplane iotsecuretunneling \
    iotsitewise iotthingsgraph iottwinmaker iotwireless ivs ivschat ivsrealtime kafka \
    kafkaconnect kendra kendraranking keyspaces kinesis kinesisanalytics kinesisanalyticsv2 \
    kinesisvideo kinesisvideoarchivedmedia kinesisvideomedia kinesisvideosignaling \
    kinesisvideowebrtcstorage kms lakeformation lambda launchwizard lexmodelbuilding lexmodelsv2 \
    lexruntime lexruntimev2 licensemanager licensemanagerlinuxsubscriptions \
    licensemanagerusersubscriptions lightsail location lookoutequipment lookoutmetrics \
    lookoutvision m2 macie macie2 mailmanager managedblockchain managedblockchainquery \
    marketplacecatalog marketplacecommerceanalytics marketplaceentitlement marketplacemetering \
    marketplacereporting mediaconnect mediaconvert medialive mediapackage mediapackagev2 \
    mediapackagevod mediastore mediatailor medicalimaging memorydb mgn migrationhub \
    migrationhubconfig migrationhuborchestrator migrationhubrefactorspaces migrationhubstrategy \
    mobile mq mturk mwaa neptune neptunegraph networkfirewall networkflowmonitor networkmanager \
    networkmonitor notificationscontacts oam observabilityadmin omics opensearch \
    opensearchserverless opsworks opsworkscm organizations osis outposts panorama \
    partnercentralselling paymentcryptography paymentcryptographydata pcaconnectorad \
    pcaconnectorscep pcs personalize personalizeevents personalizeruntime pi pinpoint \
    pinpointemail pinpointsmsvoice pinpointsmsvoicev2 pipes polly pricing privatenetworks proton \
    qapps qbusiness qconnect qldb qldbsession quicksight ram rbin rds rdsdata redshift \
    redshiftdata redshiftserverless rekognition repostspace resiliencehub resourceexplorer2 \
    resourcegroups resourcegroupstaggingapi robomaker rolesanywhere route53 route53domains \
    route53profiles route53recoverycluster route53recoverycontrolconfig route53recoveryreadiness \
    route53resolver rum s3 s3control s3outposts s3tables sagemaker sagemakera2iruntime \
    sagemakeredge sagemakerfeaturestoreruntime sagemakergeospatial sagemakermetrics \
    sagemakerruntime savingsplans scheduler schemas secretsmanager securityhub securityir \
    securitylake serverlessapplicationrepository servicecatalog servicecatalogappregistry \
    servicediscovery servicequotas ses sesv2 sfn shield signer simspaceweaver sms snowball \
    snowdevicemanagement sns socialmessaging sqs ssm ssmcontacts ssmincidents ssmquicksetup \
    ssmsap sso ssoadmin ssooidc storagegateway sts supplychain support supportapp swf synthetics \
    taxsettings textract timestreaminfluxdb timestreamquery timestreamwrite tnb transcribe \
    transfer translate trustedadvisor verifiedpermissions voiceid vpclattice waf wafregional \
    wafv2 wellarchitected wisdom workdocs workmail workmailmessageflow workspaces \
    workspacesthinclient workspacesweb xray";

/// Names that some services have elsewhere at AWS, in actions of IAM, endpoints and the AWS CLI, and
/// their names here.
/// Source: "Actions, resources, and condition keys for AWS services", Service Authorization Reference.
const ELSEWHERE: [(&str, &str); 6] = [
    ("elasticmapreduce", "emr"),
    ("events", "eventbridge"),
    ("logs", "cloudwatchlogs"),
    ("states", "sfn"),
    ("stepfunction", "sfn"),
    ("stepfunctions", "sfn"),
];

/// The service that was meant by one that is not known.
fn meant(service: &str) -> Option<&'static str> {
    let elsewhere = ELSEWHERE.iter().find(|(name, _)| *name == service);
    let elsewhere = elsewhere.map(|(_, here)| *here);
    elsewhere.or_else(|| nearest(service, SERVICES.split_whitespace()))
}

/// Warns of a service that is not known, and of parameters that are not in Pascal case.
pub(super) fn check(reader: &Reader, integration: Integration) {
    let Some((service, _)) = integration.action.split_once(':') else {
        return;
    };
    if SERVICES.split_whitespace().all(|known| known != service) {
        reader.findings.warn_with_help(
            (
                "UNKNOWN_SERVICE",
                format!("No AWS SDK integration '{service}' is known."),
                reader.at("Resource"),
            ),
            meant(service).map(|meant| format!("did you mean '{meant}'?")),
        );
    }
    let field = parameters_field(reader);
    let Some(Value::Object(given)) = reader.value(field) else {
        return;
    };
    for name in given.keys() {
        if name.starts_with(|c: char| c.is_ascii_lowercase()) {
            reader.findings.warn_with_help(
                (
                    "NO_PASCAL_CASE",
                    "Parameters of AWS SDK integrations are in Pascal case.".to_owned(),
                    format!("{}/{name}", reader.at(field)),
                ),
                Some(format!("did you mean '{}'?", pascal_case(name))),
            );
        }
    }
}

fn pascal_case(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
