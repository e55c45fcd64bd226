//! A proxy that the build is given: which steps hear of it, and where it is not found.

use buildkit_llb::ProxyEnv;

use super::*;

use crate::support::platform;

fn behind_a_proxy() -> Request {
    let https = "http://proxy.example:3128".to_owned();
    Request { proxy: Some(ProxyEnv { https, ..ProxyEnv::default() }), ..Request::default() }
}

/// What each process of a plan is told: of a network, and of the proxy.
fn told(plan: &Plan) -> String {
    let definition = on(&capabilities::current(), &behind_a_proxy(), |scene| {
        buildkit_llb::marshal(&graph::emit(plan, scene), &[])
    });
    let view = View::of(&definition).expect("a definition we marshalled");
    let processes = view.ops.iter().filter(|op| op.kind == "exec");
    let lines = processes.map(|op| {
        let has = |detail: &str| op.details.iter().any(|it| it == detail);
        let network = if has("network none") { "no network" } else { "network" };
        let proxy = if has("proxy") { ", proxy" } else { "" };
        format!("{}: {network}{proxy}\n", op.name.as_deref().unwrap_or_default())
    });
    lines.collect()
}

#[test]
fn every_step_with_a_network_is_told_of_the_proxy_and_no_other() {
    let request = behind_a_proxy();
    let mut built = lock(&["amd64"]);
    let packages = built.python.get_mut(&platform("linux/amd64")).expect("it is locked");
    packages.wheels[0].origin = Origin::Archive(artifact("native-1.tar.gz"));
    let mut plan = plan_for("linux/amd64", &built, &request);
    let Some(PythonPlan::Layers(layers)) = &mut plan.python else { panic!("it is locked") };
    layers.build_packages = vec!["gcc".into()];
    layers.in_container = true;
    expect![[r#"
        [python] make the environment: no network
        [linux/amd64 python] get the resolver: network, proxy
        [linux/amd64 python] fetch wheels in a container: network, proxy
        [internal] warm the interpreter up: no network
        [linux/amd64 build] install gcc: network, proxy
        [linux/amd64 python] get the resolver: network, proxy
        [linux/amd64 python] build native==1: network, proxy
        [python] install native==1: no network
        [python] install pure==1: no network
    "#]]
    .assert_eq(&told(&plan));

    built.python.clear();
    expect![[r#"
        [linux/amd64 python] get the resolver: network, proxy
        [linux/amd64 python] resolve requirements: network, proxy
    "#]]
    .assert_eq(&told(&plan_for("linux/amd64", &built, &request)));
    built.unpinned.insert(platform("linux/amd64"));
    expect![[r#"
        [linux/amd64 python] pip install pure native: network, proxy
    "#]]
    .assert_eq(&told(&plan_for("linux/amd64", &built, &request)));
}

#[test]
fn a_proxy_is_in_no_config_and_changes_no_op_of_a_layer() {
    let lock = lock(&["amd64"]);
    let [with, without] = [behind_a_proxy(), Request::default()].map(|request| {
        let plan = plan_for("linux/amd64", &lock, &request);
        let definition = on(&capabilities::current(), &request, |scene| {
            buildkit_llb::marshal(&graph::emit(&plan, scene), &[])
        });
        (definition.ops().to_vec(), plan.config)
    });
    assert_eq!(with, without);
}
