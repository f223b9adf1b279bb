using System.Buffers.Binary;
using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AssessmentFlow.Benchmarks;

/// <summary>
/// Tells which of many sockets can be read, by Linux's epoll: the kernel remembers whom it was asked about. To tell it
/// all of them again before each look, as <see cref="Socket.Select(System.Collections.IList, System.Collections.IList, System.Collections.IList, int)"/>
/// does, was a quarter of what a client cost.
/// </summary>
internal sealed partial class ReadySockets : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int Readable = 1;
    private const int WithoutEnd = -1;
    private const int Interrupted = 4;

    /// <summary>An event is four bytes of flags and eight of ours; only on x64 does nothing lie between them (bytes).</summary>
    private static readonly int OursAt = RuntimeInformation.ProcessArchitecture is Architecture.X64 ? 4 : 8;

    private static readonly int EventBytes = OursAt + sizeof(long);

    private readonly SafeFileHandle _epoll = new(Checked(Create(CloseOnExec)), ownsHandle: true);
    private readonly byte[] _events;
    private readonly List<int> _ready = [];

    public ReadySockets(IReadOnlyList<Socket> sockets)
    {
        _events = new byte[sockets.Count * EventBytes];
        for (var i = 0; i < sockets.Count; i++)
        {
            var wanted = new byte[EventBytes];
            BinaryPrimitives.WriteInt32LittleEndian(wanted, Readable);
            BinaryPrimitives.WriteInt32LittleEndian(wanted.AsSpan(OursAt), i);
            Checked(Control(_epoll, Add, sockets[i].SafeHandle, wanted));
        }
    }

    /// <summary>Positions of the sockets that can be read now; waits until there is one. Valid until the next call.</summary>
    public IReadOnlyList<int> Wait()
    {
        var count = Wait(_epoll, _events, _events.Length / EventBytes, WithoutEnd);
        while (count < 0 && Marshal.GetLastPInvokeError() is Interrupted)
        {
            count = Wait(_epoll, _events, _events.Length / EventBytes, WithoutEnd); // A signal came, as when a child process ends.
        }

        Checked(count);
        _ready.Clear();
        for (var i = 0; i < count; i++)
        {
            _ready.Add(BinaryPrimitives.ReadInt32LittleEndian(_events.AsSpan((i * EventBytes) + OursAt)));
        }

        return _ready;
    }

    public void Dispose() => _epoll.Dispose();

    private static int Checked(int result) => result >= 0 ? result : throw new Win32Exception();

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle epoll, int operation, SafeSocketHandle socket, byte[] wanted);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int Wait(SafeFileHandle epoll, byte[] events, int max, int timeoutMs);
}
