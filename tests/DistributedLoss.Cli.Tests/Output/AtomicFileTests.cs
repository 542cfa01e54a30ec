using DistributedLoss.Cli.Output;

namespace DistributedLoss.Cli.Tests.Output;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_old_content_stays_until_the_new_is_whole()
    {
        string path = _folder.Write("r.json", "old");
        using (var file = AtomicFile.Open("--output", path))
        {
            file.Commit(stream =>
            {
                stream.Write("new"u8);
                Assert.Equal("old", File.ReadAllText(path));
            });
        }

        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_run_that_fails_leaves_nothing_behind()
    {
        string path = _folder.Write("r.json", "old");
        AtomicFile.Open("--output", path).Dispose();
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_link_stays_a_link_and_its_target_is_written()
    {
        string target = _folder.Write("target.json", "old");
        File.CreateSymbolicLink(_folder["link.json"], target);
        using (var file = AtomicFile.Open("--output", _folder["link.json"]))
        {
            file.Commit(stream => stream.Write("new"u8));
        }

        Assert.Equal("new", File.ReadAllText(target));
        Assert.Equal(target, new FileInfo(_folder["link.json"]).LinkTarget);
    }

    [Fact]
    public void A_device_is_written_and_not_replaced()
    {
        using (var file = AtomicFile.Open("--output", "/dev/null"))
        {
            file.Commit(stream => stream.Write("new"u8));
        }

        Assert.Equal("", File.ReadAllText("/dev/null"));
    }
}
