using System.Diagnostics;
using Mnist.SystemTests.Load;

/// <summary>The runtime calls it before Main of a program if DOTNET_STARTUP_HOOKS names this assembly. It must have this name and no namespace.</summary>
internal static class StartupHook
{
    public static void Initialize() => DiagnosticListener.AllListeners.Subscribe(Leak.OfEnvironment());
}
