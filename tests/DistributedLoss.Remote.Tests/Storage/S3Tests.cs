using System.Text.Json;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Remote.Tests.Storage;

/// <summary>Dumps in a real S3-compatible store, read by real processes. It verifies the signature of every request, lists and parts of objects alike.</summary>
public sealed class S3Tests(S3Server store) : IClassFixture<S3Server>, IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [S3Fact]
    public async Task An_object_has_the_digest_of_the_file()
    {
        string file = await DumpAsync("one/large.parquet");
        var remote = Evaluate($"s3://{S3Server.Bucket}/one/large.parquet");
        Assert.Equal(Dloss.Evaluate(file).Digest, remote.Digest);
        Assert.Equal([$"s3://{S3Server.Bucket}/one/large.parquet"], Paths(remote));
    }

    [S3Fact]
    public async Task A_folder_is_searched_as_on_a_disk_whatever_its_names()
    {
        string[] names = ["a b.parquet", "ä+ö&c=d%20.parquet", "deep/er/x~(1)'!.parquet", "deep//日本 $@,;:\"<>.parquet", "_tmp/no.parquet", ".no.parquet", "deep/_no.parquet", "notes.txt"];
        foreach (string name in names)
        {
            await DumpAsync($"run 1/{name}");
        }

        var remote = Evaluate($"s3://{S3Server.Bucket}/run 1/");
        string[] expected = ["a b.parquet", "deep//日本 $@,;:\"<>.parquet", "deep/er/x~(1)'!.parquet", "ä+ö&c=d%20.parquet"];
        Assert.Equal(expected.Select(n => $"s3://{S3Server.Bucket}/run 1/{n}"), Paths(remote));
        Assert.Equal(Dloss.Evaluate(_folder.PathOf("run 1")).Digest, remote.Digest);
    }

    [S3Theory]
    [InlineData("glob/part-?.parquet", "part-1.parquet", "part-2.parquet")]
    [InlineData("glob/*.parquet", "other.parquet", "part-1.parquet", "part-2.parquet")]
    [InlineData("glob/**/part*", "part-1.parquet", "part-2.parquet", "sub/part-3.parquet")]
    [InlineData("gl*b/sub/*", "sub/part-3.parquet")]
    public async Task A_pattern_matches_keys(string pattern, params string[] expected)
    {
        foreach (string name in (string[])["part-1.parquet", "part-2.parquet", "other.parquet", "sub/part-3.parquet", "_part-4.parquet"])
        {
            await DumpAsync($"glob/{name}", rows: 10);
        }

        Assert.Equal(expected.Select(n => $"s3://{S3Server.Bucket}/glob/{n}"), Paths(Evaluate($"s3://{S3Server.Bucket}/{pattern}")));
    }

    [S3Fact]
    public async Task A_list_of_several_pages_is_read_to_its_end()
    {
        // The store lists 20 at a time; its tokens are as odd as the names that they go on from.
        await Parallel.ForAsync(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, _) => await store.PutAsync($"many/{i:00} +&=%2F ä.txt", []));
        await DumpAsync("many/05.parquet", rows: 10);
        await DumpAsync("many/30 +.parquet", rows: 10);
        await DumpAsync("many/z.parquet", rows: 10);
        string folder = $"s3://{S3Server.Bucket}/many/";
        Assert.Equal([$"{folder}05.parquet", $"{folder}30 +.parquet", $"{folder}z.parquet"], Paths(Evaluate(folder)));
    }

    [S3Theory]
    [InlineData("none.parquet", "no such object (HTTP 404 NoSuchKey); check the key")]
    [InlineData("none/", "no *.parquet object is there; check bucket and folder")]
    [InlineData("none*.parquet", "the pattern matches no object; check it")]
    public async Task What_is_not_there_is_named(string key, string what)
    {
        await DumpAsync("there.parquet", rows: 10);
        Refused($"s3://{S3Server.Bucket}/{key}", store.Environment(), what);
    }

    [S3Theory]
    [InlineData("nowhere", "x.parquet")]
    [InlineData("nowhere", "x/")]
    public void A_bucket_that_is_not_there_is_named(string bucket, string key) =>
        Refused($"s3://{bucket}/{key}", store.Environment(), "no such bucket (HTTP 404 NoSuchBucket); check its name, and AWS_ENDPOINT_URL");

    [S3Theory]
    [InlineData("there/dump.parquet")]
    [InlineData("there/")]
    [InlineData("there/*.parquet")]
    public async Task Who_may_not_read_is_told_why(string key)
    {
        await DumpAsync("there/dump.parquet", rows: 10);
        string url = $"s3://{S3Server.Bucket}/{key}";
        const string wrong = "the store does not accept the signature (HTTP 403 SignatureDoesNotMatch); check AWS_SECRET_ACCESS_KEY";
        Refused(url, store.Environment("AWS_SECRET_ACCESS_KEY", store.Secret + "x"), wrong);
        Refused(url, store.Environment("AWS_ACCESS_KEY_ID", "dloss:stranger"), wrong);
        Refused(url, store.Environment("AWS_ACCESS_KEY_ID", store.Key.Replace("owner", "nobody", StringComparison.Ordinal)), "these credentials may not read it (HTTP 403 AccessDenied)");
        Refused(url, store.Environment("AWS_REGION", "eu-west-3"), "give it as AWS_REGION");
    }

    [S3Fact]
    public async Task A_session_token_is_a_part_of_what_is_signed()
    {
        string file = await DumpAsync("session/dump.parquet");
        Assert.Equal(Dloss.Evaluate(file).Digest, Dloss.Evaluate(store.Environment("AWS_SESSION_TOKEN", "t0k+n/=="), $"s3://{S3Server.Bucket}/session/").Digest);
    }

    [S3Fact]
    public void A_store_that_is_away_is_a_run_that_failed()
    {
        var environment = store.Environment();
        environment["AWS_ENDPOINT_URL_S3"] = "http://127.0.0.1:1";
        environment[RemoteSettings.RetriesVariable] = "1";
        environment[RemoteSettings.TimeoutVariable] = "1";
        foreach (string key in (string[])["x.parquet", "x/"])
        {
            var outcome = Dloss.Run(environment, "evaluate", $"s3://dumps/{key}");
            Assert.True(outcome.ExitCode == 4 && outcome.ErrorLines is [var line] && line.Contains($"s3://dumps/{key}: the s", StringComparison.Ordinal), $"{outcome}");
        }
    }

    [S3Fact]
    public async Task No_secret_is_written_anywhere()
    {
        await DumpAsync("secret/large.parquet");
        var environment = store.Environment();
        string log = _folder.PathOf("log.json"), json = _folder.PathOf("result.json"), run = _folder.PathOf("run");
        var outcome = Dloss.Run(
            environment, "evaluate", $"s3://{S3Server.Bucket}/secret/large.parquet", "--run-dir", run, "--log-file", log, "--log-format", "json", "--log-level", "verbose", "--output", json);
        Assert.True(outcome.ExitCode == 0, $"{outcome}");
        string everything = outcome.Output + outcome.Error + string.Concat(Directory.GetFiles(_folder.Root, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".parquet", StringComparison.Ordinal)).Select(File.ReadAllText));
        Assert.Contains("secret/large.parquet", everything, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Amz", everything, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(store.Key, everything, StringComparison.Ordinal);
        Assert.DoesNotContain(store.Secret, everything, StringComparison.Ordinal);
    }

    [S3Fact]
    public async Task Other_commands_read_objects_too()
    {
        string url = $"s3://{S3Server.Bucket}/commands/large.parquet", json = _folder.PathOf("result.json");
        await DumpAsync("commands/large.parquet");
        Assert.Equal(0, Dloss.Run(store.Environment(), "evaluate", url, "--output", json, "--sha256").ExitCode);
        var inspected = Dloss.Run(store.Environment(), "inspect", url, "--format", "json");
        Assert.True(inspected.ExitCode == 0, $"{inspected}");
        Assert.Equal(url, inspected.Json.GetProperty("files")[0].GetProperty("path").GetString());
        var verified = Dloss.Run(store.Environment(), "verify", json);
        Assert.True(verified.ExitCode == 0, $"{verified}");

        await DumpAsync("commands/large.parquet", rows: 3001);
        var changed = Dloss.Run(store.Environment(), "verify", json);
        Assert.True(changed.ExitCode == 3 && changed.Error.Contains($"{url}: not the file of the result", StringComparison.Ordinal), $"{changed}");
    }

    [S3Fact]
    public async Task A_run_is_continued_unless_an_object_changed()
    {
        string url = $"s3://{S3Server.Bucket}/again/large.parquet", run = _folder.PathOf("run");
        await DumpAsync("again/large.parquet");
        string[] arguments = [url, "--run-dir", run, "--resume"];
        string digest = Dloss.Evaluate(store.Environment(), arguments).Digest;
        Assert.Equal(digest, Dloss.Evaluate(store.Environment(), arguments).Digest);
        await DumpAsync("again/large.parquet", seed: 7);
        Refused(url, store.Environment(), "changed since the run was begun", "--run-dir", run, "--resume");
    }

    private Outcome Evaluate(string url) => Dloss.Evaluate(store.Environment(), url);

    private static void Refused(string url, Dictionary<string, string> environment, string what, params string[] options)
    {
        var outcome = Dloss.Run(environment, ["evaluate", url, .. options]);
        Assert.True(
            outcome is { ExitCode: 3, Output: "", ErrorLines: [var line] } && line.StartsWith($"dloss: error: {url}: ", StringComparison.Ordinal) && line.Contains(what, StringComparison.Ordinal),
            $"{outcome}");
    }

    private static string[] Paths(Outcome outcome) => [.. outcome.Json.GetProperty("files").EnumerateArray().Select((JsonElement f) => f.GetProperty("path").GetString()!)];

    /// <summary>In the store, and under the same name in the test's folder.</summary>
    private async Task<string> DumpAsync(string key, int rows = 3000, ulong seed = 1)
    {
        string path = _folder.PathOf(key);
        if (!key.EndsWith(".txt", StringComparison.Ordinal))
        {
            string made = SyntheticDump.Write(_folder.PathOf("made.parquet"), new SyntheticOptions { Rows = rows, Classes = 100, RowGroupRows = 1000, Seed = seed })[0];
            File.Move(made, path, overwrite: true);
        }
        else
        {
            await File.WriteAllTextAsync(path, "no dump");
        }

        await store.PutAsync(key, await File.ReadAllBytesAsync(path));
        return path;
    }
}
