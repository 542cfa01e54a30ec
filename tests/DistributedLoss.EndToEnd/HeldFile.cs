using DistributedLoss.Remote.Tests.Servers;

namespace DistributedLoss.EndToEnd;

/// <summary>A file behind a URL of which there is no more than the footer until the test says so: a run that reads it is in mid-run for as long as a test takes to look.</summary>
internal sealed class HeldFile : IAsyncDisposable
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ScriptedServer _server;

    /// <param name="content">Longer than what is fetched with the footer.</param>
    public HeldFile(byte[] content) => _server = new ScriptedServer(question =>
    {
        if (question["range"]?.StartsWith("bytes=-", StringComparison.Ordinal) != true)
        {
            _released.Task.Wait();
        }

        return Answer.To(question, content);
    });

    /// <summary>Behind all paths in the order of files.</summary>
    public string Url => _server.Url("last.parquet");

    /// <summary>Of a process that reads it, and that is to be patient.</summary>
    public static Dictionary<string, string> Environment { get; } = new() { ["no_proxy"] = "*", ["DLOSS_HTTP_TIMEOUT"] = "3600" };

    public void Release() => _released.TrySetResult();

    public ValueTask DisposeAsync()
    {
        Release();
        return _server.DisposeAsync();
    }
}
