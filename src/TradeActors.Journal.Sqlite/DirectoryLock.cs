using System.Globalization;
using TradeActors.Abstractions.Journal;

namespace TradeActors.Journal.Sqlite;

/// <summary>Keeps a second process away from a data directory. The operating system frees it with the process, whatever ends that.</summary>
/// <remarks>
/// The lock is advisory and of the open file, so it also holds inside one process. Who holds it stands in a second file: the runtime cannot open the
/// locked one. That file may be stale and means nothing unless the lock is taken.
/// </remarks>
internal sealed class DirectoryLock : IDisposable
{
    private const string LockName = "tradeactors.lock";
    private const string PidName = "tradeactors.pid";

    private readonly FileStream _lock;

    private DirectoryLock(string path, FileStream held) => (Path, _lock) = (path, held);

    public string Path { get; }

    /// <exception cref="StoreOpenException">Somebody else has it, or the folder cannot be made or written.</exception>
    public static DirectoryLock Take(string directory)
    {
        FileStream? held = null;
        try
        {
            var path = CreateOwned(directory).FullName;
            held = new FileStream(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(System.IO.Path.Combine(path, PidName), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new(path, held);
        }
        catch (IOException e) when (held is null && IsHeldByAnother(e))
        {
            throw new StoreOpenException(
                $"The data directory '{directory}' is in use by process {HolderOf(directory)}. Stop that process, "
                + "or give this one a data directory of its own.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw new StoreOpenException(
                $"The data directory '{directory}' cannot be written by user '{Environment.UserName}' ({e.Message}) Give that user write access, "
                + "or configure another directory.", e);
        }
    }

    public void Dispose()
    {
        if (_lock.CanRead)
        {
            // The lock file itself stays: deleting it would let two processes lock two files of the same name.
            File.Delete(System.IO.Path.Combine(Path, PidName));
            _lock.Dispose();
        }
    }

    // EWOULDBLOCK of flock on Linux and on BSD descendants; a sharing violation on Windows.
    private static bool IsHeldByAnother(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static string HolderOf(string directory)
    {
        try
        {
            return File.ReadAllText(System.IO.Path.Combine(directory, PidName)).Trim() is { Length: > 0 } pid ? pid : "(unknown)";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "(unknown)";
        }
    }

    /// <summary>A new data directory is the owner's alone: it holds password hashes and keys. An existing one is left as it is.</summary>
    private static DirectoryInfo CreateOwned(string directory) => OperatingSystem.IsWindows()
        ? Directory.CreateDirectory(directory)
        : Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
}
