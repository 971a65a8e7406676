//! The code of a function as Lambda takes it: an archive, a place in S3, or an image.

use aws_sdk_lambda::{
    operation::update_function_code::builders::UpdateFunctionCodeFluentBuilder,
    primitives::Blob,
    types::{Architecture, FunctionCode, FunctionVersionLatestPublished},
};

use crate::{
    aws::convert::{Changed, Wanted},
    base::archive::{self, Entry},
    driver::Result,
};

/// The wanted code.
pub fn wanted(function: &Wanted<'_>) -> Result<FunctionCode> {
    let Some(code) = function.inner("Code")? else { return Ok(FunctionCode::builder().build()) };
    let builder = FunctionCode::builder()
        .set_zip_file(zip_file(function, &code)?)
        .set_s3_bucket(code.text("S3Bucket")?)
        .set_s3_key(code.text("S3Key")?)
        .set_s3_object_version(code.text("S3ObjectVersion")?)
        .set_s3_object_storage_mode(code.text("S3ObjectStorageMode")?)
        .set_image_uri(code.text("ImageUri")?)
        .set_source_kms_key_arn(code.text("SourceKMSKeyArn")?);
    Ok(builder.build())
}

/// Where the new code is published too: `$LATEST.PUBLISHED`, if the stack says so.
pub fn published_to(function: &Wanted<'_>) -> Result<Option<FunctionVersionLatestPublished>> {
    let is_published = function.flag("PublishToLatestPublished")?.unwrap_or_default();
    Ok(is_published.then_some(FunctionVersionLatestPublished::LatestPublished))
}

/// Whether the code has to be sent anew. Lambda takes architectures only together with it, and a runtime of another
/// language reads source from a file of another name.
pub fn is_touched(change: &Changed<'_>) -> Result<bool> {
    let renamed = change.touches("Runtime") && file_name(&change.before)? != file_name(&change.want)?;
    Ok(["Architectures", "Code", "PublishToLatestPublished"].iter().any(|name| change.touches(name)) || renamed)
}

/// The request that sends the code.
pub fn update(
    request: UpdateFunctionCodeFluentBuilder,
    change: &Changed<'_>,
) -> Result<UpdateFunctionCodeFluentBuilder> {
    let code = wanted(&change.want)?;
    let published = published_to(&change.want)?;
    let architectures = if change.touches("Architectures") { Some(architectures(&change.want)?) } else { None };
    Ok(request
        .function_name(change.id())
        .set_zip_file(code.zip_file)
        .set_s3_bucket(code.s3_bucket)
        .set_s3_key(code.s3_key)
        .set_s3_object_version(code.s3_object_version)
        .set_s3_object_storage_mode(code.s3_object_storage_mode)
        .set_image_uri(code.image_uri)
        .set_source_kms_key_arn(code.source_kms_key_arn)
        .set_architectures(architectures)
        .set_publish(published.as_ref().map(|_| true))
        .set_publish_to(published))
}

fn architectures(function: &Wanted<'_>) -> Result<Vec<Architecture>> {
    let names = function.texts("Architectures")?;
    Ok(names.map_or_else(|| vec![Architecture::X8664], |names| names.iter().map(|name| (&**name).into()).collect()))
}

/// `ZipFile` is an archive in Base64 (`zip("code")`), or the source itself, which is put into one.
fn zip_file(function: &Wanted<'_>, code: &Wanted<'_>) -> Result<Option<Blob>> {
    let Some(text) = code.text::<String>("ZipFile")? else { return Ok(None) };
    if let Some(bytes) = archive::from_text(&text) {
        return Ok(Some(Blob::new(bytes)));
    }
    let name = file_name(function)?.ok_or_else(|| {
        function.invalid(
            "source can stand in `Code.ZipFile` for Python and Node.js only; give an archive instead \
             (`ZipFile: ${zip(\"code\")}`), or `S3Bucket` and `S3Key`",
        )
    })?;
    let bytes = archived(name, &text).map_err(|why| function.invalid(format!("the source in `Code.ZipFile` {why}")))?;
    Ok(Some(Blob::new(bytes)))
}

/// An archive of one file.
fn archived(name: &str, text: &str) -> std::result::Result<Vec<u8>, String> {
    archive::pack(&[Entry { name: name.to_owned(), is_executable: false, content: text.into() }])
}

/// The file that CloudFormation puts source into; the handler's name begins with `index.` therefore.
fn file_name(function: &Wanted<'_>) -> Result<Option<&'static str>> {
    let runtime = function.text::<String>("Runtime")?.unwrap_or_default();
    Ok(match runtime {
        runtime if runtime.starts_with("python") => Some("index.py"),
        runtime if runtime.starts_with("nodejs") => Some("index.js"),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn sent(function: Json) -> Result<Option<Vec<u8>>> {
        let document = function.into();
        Ok(wanted(&Wanted::new("AWS::Lambda::Function", &document))?.zip_file.map(Blob::into_inner))
    }

    #[test]
    fn source_is_put_into_an_archive_under_the_name_of_its_language() {
        let sent = sent(json!({"Runtime": "nodejs22.x", "Code": {"ZipFile": "exports.handler = 1"}})).unwrap().unwrap();
        assert_eq!(sent, archived("index.js", "exports.handler = 1").unwrap());
    }

    #[test]
    fn an_archive_is_sent_as_it_is() {
        let archive = archived("main.py", "pass").unwrap();
        let text = archive::to_text(&archive);
        assert_eq!(sent(json!({"Runtime": "provided.al2023", "Code": {"ZipFile": text}})).unwrap(), Some(archive));
    }

    #[test]
    fn source_of_a_language_that_must_be_compiled_is_refused_with_what_to_do() {
        let fault = sent(json!({"Runtime": "java21", "Code": {"ZipFile": "class Main {}"}})).unwrap_err();
        assert!(fault.message.contains("${zip("), "{fault}");
    }
}
