using System.Net;
using System.Net.Sockets;

namespace AssessmentFlow.TestSupport;

/// <summary>Ports of this machine that nobody listens on.</summary>
internal static class FreePorts
{
    public static int Take()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
