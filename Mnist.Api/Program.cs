using Mnist.Api.Errors;
using Mnist.Api.Hosting;
using Mnist.Api.OpenApi;
using Mnist.Core.Batching;

CoreSharing.ByTheSlice();
WebApplication app;
string addresses = string.Empty;
try
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.AddLogging();
    addresses = builder.AddKestrel();
    builder.AddTracing();
    builder.Services.AddClassification();
    builder.Services.AddManagement();
    builder.Services.AddMvcCore().AddApiExplorer();
    builder.Services.AddContractDocument();

    app = builder.Build();

    // On another core while this one builds the pipeline. Where it fails, the host meets the same failure when it asks for the engine.
    _ = Task.Run(app.Services.GetRequiredService<DynamicBatcher>);
    app.UseResponseHeaders();
    app.UseFullGate();
    app.UseRequestLogging();
    app.UseProblemDetails();
    app.UseSingleLeadingSlash();
    app.UsePage();
    app.UseRouting();
    app.UseApiKeys();
    app.MapControllers();
    app.MapOpenApi().AllowAnonymous();
    app.MapReference();
    app.UseEndpoints(_ => { });
    app.Services.GetRequiredService<WarmUp>().Use(app);

    await app.StartAsync();
    app.LogStart();
}
catch (Exception exception) when (exception is not HostAbortedException)
{
    return StartFailure.Report(exception, addresses);
}

try
{
    await app.WaitForShutdownAsync();
    await app.DisposeAsync();
    return 0;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Mnist.Api did not stop in time: an engine worker hangs, and the requests it took stay unanswered");
    return StartFailure.Unexpected;
}
