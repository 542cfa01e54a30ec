using System.ComponentModel;
using System.Runtime.InteropServices;

namespace DistributedLoss.Coordination.Journal;

/// <summary>Makes the names in a directory safe: a file's own flush is not its name's.</summary>
internal static partial class DirectorySync
{
    private const int ReadOnly = 0;

    // EACCES: names may be made here, but not listed. EINVAL, and EOPNOTSUPP on Linux: the file system cannot flush a directory by itself.
    private const int Denied = 13;
    private static readonly int[] Unsupported = [22, 95];

    /// <exception cref="IOException">The disk failed.</exception>
    public static void Flush(string path)
    {
        // Windows flushes the entry with the file.
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
        {
            if (Marshal.GetLastPInvokeError() == Denied)
            {
                return;
            }

            throw Failed(path);
        }

        try
        {
            if (Fsync(descriptor) != 0 && !Unsupported.Contains(Marshal.GetLastPInvokeError()))
            {
                throw Failed(path);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failed(string path) => new($"{path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
