using System.Net;
using System.Net.Sockets;

namespace TradeActors.Integration.Support;

/// <summary>Ports that nothing else takes while a test's node is down.</summary>
/// <remarks>
/// Below the range from which the system gives ports to outgoing connections: while a killed node is away, a client's own connection could otherwise
/// get its port. Every port is given out once per test run.
/// </remarks>
public static class FreePort
{
    private const int First = 21_000;
    private const int Last = 31_000;

    private static readonly HashSet<int> Given = [];
    private static readonly Lock Gate = new();

    public static int Take()
    {
        lock (Gate)
        {
            for (var attempt = 0; attempt < 1_000; attempt++)
            {
                var port = Random.Shared.Next(First, Last);
                if (!Given.Contains(port) && IsFree(port))
                {
                    Given.Add(port);
                    return port;
                }
            }
        }

        throw new InvalidOperationException($"No free port found between {First} and {Last}.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
