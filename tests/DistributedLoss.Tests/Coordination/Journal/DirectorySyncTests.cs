using DistributedLoss.Coordination.Journal;

namespace DistributedLoss.Tests.Coordination.Journal;

public sealed class DirectorySyncTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_directory_can_be_flushed() => DirectorySync.Flush(_folder.Path);

    [Fact]
    public void One_that_is_not_there_is_an_error_with_its_name()
    {
        if (!OperatingSystem.IsWindows())
        {
            var e = Assert.Throws<IOException>(() => DirectorySync.Flush(_folder["none"]));
            Assert.Equal($"{_folder["none"]}: No such file or directory", e.Message);
        }
    }
}
