"""S3 as boto3 speaks it."""

import hashlib
import http.client
import os
import urllib.parse

import boto3.s3.transfer
import botocore.exceptions
import pytest

MIB = 1 << 20


def test_a_large_file_goes_up_in_parts_and_comes_down_in_ranges(s3, bucket, tmp_path):
    body = os.urandom(17 * MIB + 13)
    (tmp_path / "up").write_bytes(body)
    config = boto3.s3.transfer.TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    s3.upload_file(str(tmp_path / "up"), bucket, "large", Config=config)
    head = s3.head_object(Bucket=bucket, Key="large")
    assert head["ContentLength"] == len(body)
    # The ETag of an object in parts: the MD5 of their MD5s, and how many there are.
    parts = [hashlib.md5(body[at : at + 5 * MIB]).digest() for at in range(0, len(body), 5 * MIB)]
    assert head["ETag"] == f'"{hashlib.md5(b"".join(parts)).hexdigest()}-{len(parts)}"'
    s3.download_file(bucket, "large", str(tmp_path / "down"), Config=config)
    assert (tmp_path / "down").read_bytes() == body
    part = s3.get_object(Bucket=bucket, Key="large", PartNumber=2)
    assert part["Body"].read() == body[5 * MIB : 10 * MIB]
    assert part["PartsCount"] == 4


def test_a_multipart_upload_by_hand(s3, bucket, refused):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    assert [u["UploadId"] for u in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == [upload]
    bodies = [b"a" * 5 * MIB, b"b"]
    parts = []
    for number, body in enumerate(bodies, 1):
        etag = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, Body=body)["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    assert [p["Size"] for p in s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)["Parts"]] == [5 * MIB, 1]
    wrong = [parts[0] | {"ETag": '"00000000000000000000000000000000"'}, parts[1]]
    code, _ = refused(
        s3.complete_multipart_upload, Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": wrong}
    )
    assert code == "InvalidPart"
    code, _ = refused(
        s3.complete_multipart_upload, Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts[::-1]}
    )
    assert code == "InvalidPartOrder"
    s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"".join(bodies)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_a_part_that_is_too_small_is_refused(s3, bucket, refused):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    parts = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, Body=b"x")["ETag"],
        }
        for number in (1, 2)
    ]
    code, _ = refused(
        s3.complete_multipart_upload, Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts}
    )
    assert code == "EntityTooSmall"
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    assert refused(s3.list_parts, Bucket=bucket, Key="k", UploadId=upload)[0] == "NoSuchUpload"


@pytest.mark.parametrize(
    ("range", "body", "content_range"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=5-99", b"56789", "bytes 5-9/10"),
    ],
)
def test_a_range_is_read(s3, bucket, range, body, content_range):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    answer = s3.get_object(Bucket=bucket, Key="k", Range=range)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert answer["Body"].read() == body
    assert answer["ContentRange"] == content_range


def test_a_range_behind_the_end_is_refused(s3, bucket, refused):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    assert refused(s3.get_object, Bucket=bucket, Key="k", Range="bytes=10-")[0] == "InvalidRange"


def test_conditions_on_reads(s3, bucket, refused):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"a")["ETag"]
    assert s3.get_object(Bucket=bucket, Key="k", IfMatch=etag)["Body"].read() == b"a"
    assert refused(s3.get_object, Bucket=bucket, Key="k", IfMatch='"0"')[0] == "PreconditionFailed"
    assert refused(s3.get_object, Bucket=bucket, Key="k", IfNoneMatch=etag)[0] == "304"
    modified = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    assert refused(s3.get_object, Bucket=bucket, Key="k", IfModifiedSince=modified)[0] == "304"


def test_conditions_on_writes(s3, bucket, refused):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"a", IfNoneMatch="*")["ETag"]
    assert refused(s3.put_object, Bucket=bucket, Key="k", Body=b"b", IfNoneMatch="*")[0] == "PreconditionFailed"
    assert refused(s3.put_object, Bucket=bucket, Key="k", Body=b"b", IfMatch='"0"')[0] == "PreconditionFailed"
    s3.put_object(Bucket=bucket, Key="k", Body=b"b", IfMatch=etag)
    assert refused(s3.put_object, Bucket=bucket, Key="new", Body=b"b", IfMatch=etag)[0] == "NoSuchKey"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"b"


def test_a_wrong_checksum_is_refused(s3, bucket, refused):
    code, _ = refused(s3.put_object, Bucket=bucket, Key="k", Body=b"a", ChecksumSHA256="A" * 43 + "=")
    assert code in ("BadDigest", "InvalidRequest")
    code, _ = refused(s3.put_object, Bucket=bucket, Key="k", Body=b"a", ContentMD5="A" * 22 + "==")
    assert code == "BadDigest"
    assert refused(s3.head_object, Bucket=bucket, Key="k")[0] == "404"


def test_metadata_and_headers_come_back(s3, bucket):
    s3.put_object(
        Bucket=bucket,
        Key="k",
        Body=b"a",
        ContentType="text/csv",
        ContentEncoding="identity",
        CacheControl="no-cache",
        Metadata={"owner": "data"},
        Tagging="team=data",
    )
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["ContentType"], head["CacheControl"], head["Metadata"]) == ("text/csv", "no-cache", {"owner": "data"})
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "team", "Value": "data"}]
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "k"})
    assert s3.head_object(Bucket=bucket, Key="copy")["Metadata"] == {"owner": "data"}


@pytest.mark.parametrize("key", ["a b/c+d", "ümläut/日本", "a//b", "per%cent", "q?x=1&y", "trailing/", "tilde~'()*!"])
def test_a_key_may_be_almost_anything(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]


def test_delete_objects_deletes_what_is_there_and_is_content_with_what_is_not(s3, bucket):
    for key in ("a", "b", "c"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": k} for k in ("a", "b", "none")]})
    assert sorted(d["Key"] for d in answer["Deleted"]) == ["a", "b", "none"]
    assert "Errors" not in answer
    quiet = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "c"}], "Quiet": True})
    assert "Deleted" not in quiet
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_folders_are_listed_with_a_delimiter(s3, bucket):
    for key in ("a/1", "a/2", "a/b/3", "c/4", "top"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    for call in (s3.list_objects, s3.list_objects_v2):
        root = call(Bucket=bucket, Delimiter="/")
        assert [p["Prefix"] for p in root["CommonPrefixes"]] == ["a/", "c/"]
        assert [o["Key"] for o in root["Contents"]] == ["top"]
        a = call(Bucket=bucket, Delimiter="/", Prefix="a/")
        assert [p["Prefix"] for p in a["CommonPrefixes"]] == ["a/b/"]
        assert [o["Key"] for o in a["Contents"]] == ["a/1", "a/2"]


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
def test_a_long_listing_comes_in_pages(s3, bucket, operation):
    keys = sorted(f"d{n % 7}/{n}" for n in range(25))
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    pages = list(s3.get_paginator(operation).paginate(Bucket=bucket, PaginationConfig={"PageSize": 4}))
    assert [o["Key"] for page in pages for o in page["Contents"]] == keys
    assert [len(page["Contents"]) for page in pages] == [4, 4, 4, 4, 4, 4, 1]
    folders = s3.get_paginator(operation).paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 3})
    assert [p["Prefix"] for page in folders for p in page["CommonPrefixes"]] == [f"d{n}/" for n in range(7)]


def test_a_listing_starts_after_a_key(s3, bucket):
    for key in ("a", "b", "c"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, StartAfter="a")["Contents"]] == ["b", "c"]
    assert [o["Key"] for o in s3.list_objects(Bucket=bucket, Marker="b")["Contents"]] == ["c"]


def fetch(url, method="GET", body=None):
    parsed = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parsed.netloc, timeout=20)
    connection.request(method, f"{parsed.path}?{parsed.query}", body=body)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_a_presigned_url_reads_and_writes_until_it_is_tampered_with(cloud, bucket):
    s3 = cloud.client("s3", signature_version="s3v4", s3={"addressing_style": "path"})
    put = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=60)
    assert fetch(put, "PUT", b"signed")[0] == 200
    get = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=60)
    assert fetch(get) == (200, b"signed")
    status, body = fetch(get.replace("/k?", "/other?"))
    assert status == 403 and b"SignatureDoesNotMatch" in body


def test_versions_are_kept_and_read(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"2")
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=first)["Body"].read() == b"1"
    marker = s3.delete_object(Bucket=bucket, Key="k")
    assert marker["DeleteMarker"] is True
    listed = s3.list_object_versions(Bucket=bucket)
    assert len(listed["Versions"]) == 2 and len(listed["DeleteMarkers"]) == 1
    s3.delete_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2"


def test_what_a_bucket_is_set_to_comes_back(s3, bucket, refused):
    assert refused(s3.get_bucket_tagging, Bucket=bucket)[0] == "NoSuchTagSet"
    assert refused(s3.get_bucket_lifecycle_configuration, Bucket=bucket)[0] == "NoSuchLifecycleConfiguration"
    assert refused(s3.get_bucket_policy, Bucket=bucket)[0] == "NoSuchBucketPolicy"
    assert refused(s3.get_bucket_cors, Bucket=bucket)[0] == "NoSuchCORSConfiguration"
    tags = [{"Key": "team", "Value": "data"}]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
    rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [rule]
    # What AWS sets of new buckets.
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert all(block.values()) and len(block) == 4
    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert encryption["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_a_bucket_of_another_region_says_where_it_is(cloud, name, s3):
    s3.create_bucket(Bucket=f"{name}-far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert s3.get_bucket_location(Bucket=f"{name}-far")["LocationConstraint"] == "eu-west-1"


def test_a_bucket_made_with_tags_and_locks_has_them(s3, name, refused):
    tags = [{"Key": "team", "Value": "data"}]
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"Tags": tags}, ObjectLockEnabledForBucket=True)
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == tags
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=configuration)
    assert s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"] == configuration
    version = s3.put_object(Bucket=name, Key="k", Body=b"x")["VersionId"]
    assert refused(s3.delete_object, Bucket=name, Key="k", VersionId=version)[0] == "AccessDenied"
    s3.delete_object(Bucket=name, Key="k", VersionId=version, BypassGovernanceRetention=True)


def test_logging_and_notifications_come_back(s3, bucket):
    status = {"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": "logs/"}}
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=status)
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == status["LoggingEnabled"]
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    assert "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket=bucket)
    with pytest.raises(botocore.exceptions.ClientError, match="NotImplemented"):
        s3.put_bucket_abac(Bucket=bucket, AbacStatus={"Status": "Enabled"})
