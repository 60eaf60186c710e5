using Mnist.Api;
using Mnist.Api.Errors;
using Mnist.Api.Intake;
using Mnist.Api.Kestrel;
using Mnist.Api.OpenApi;
using Mnist.Api.Operations;
using Mnist.Api.Security;
using Mnist.Core.Batching;

BatchScheduling.Enable();
WebApplication app;
string addresses = string.Empty;
try
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.AddLogging();
    addresses = builder.AddKestrel();
    builder.AddTracing();
    builder.Services.AddClassification();
    builder.Services.AddOperations();
    builder.Services.AddMvcCore().AddApiExplorer();
    builder.Services.AddContractDocument();

    app = builder.Build();

    // Loads the model on another core while this one builds the pipeline. A failure occurs again when the host asks for the engine.
    _ = Task.Run(app.Services.GetRequiredService<DynamicBatcher>);
    app.UseResponseHeaders();
    app.UseAdmission();
    app.UseRequestLogging();
    app.UseProblemDetails();
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
    Console.Error.WriteLine("Mnist.Api did not stop in time: an engine worker is stuck, and the requests of its batch stay unanswered");
    return StartFailure.Unexpected;
}
