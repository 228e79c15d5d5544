"""Tests of the S3 suite that moto's server fails, each with the reason."""

MOTO_DIFFERS: dict[str, str] = {
    "test_a_bad_continuation_token_is_refused": "moto takes any continuation token",
    "test_one_part_is_read_by_its_number": "moto leaves out PartsCount",
    "test_parts_out_of_order_are_refused": "moto puts the parts in order itself",
    "test_an_aborted_upload_is_gone": "moto answers HTTP 500",
    "test_uploads_in_progress_are_listed": "moto lists by start, not by key",
    "test_part_number_zero_is_refused": "moto answers NoSuchUpload to part number 0",
    "test_a_quiet_delete_names_nothing": "moto ignores Quiet",
    "test_a_wrong_checksum_is_refused": "moto keeps the wrong checksum",
    "test_a_wrong_md5_is_refused": "moto ignores Content-MD5",
    "test_metadata_above_2_kib_is_refused": "moto sets no limit on metadata",
    "test_a_key_above_1024_bytes_is_refused": "moto sets no limit on keys",
    "test_a_bad_bucket_name_is_refused": "moto checks the length of the name only",
}
